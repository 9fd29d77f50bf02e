import type { Fault } from "./fault.ts";

/** Which requests a fault meets. Everything that is given must hold; nothing given is every request. */
export interface FaultRule {
  /** HTTP method in capitals. */
  readonly method?: string;
  /** Tested against the path without the query. */
  readonly path?: RegExp;
  /** Only watches, or everything but them. */
  readonly watch?: boolean;
  readonly userAgent?: RegExp;
  /** So many matching requests pass untouched first; default 0. */
  readonly after?: number;
  /** Then at most so many are met; default all. */
  readonly times?: number;
  /** Each of them is met with this probability; default 1. */
  readonly probability?: number;
}

/** What a rule is tested against. */
export interface RequestFacts {
  readonly method: string;
  readonly path: string;
  readonly watch: boolean;
  readonly userAgent: string;
}

/** A rule at work. */
export interface InjectedFault {
  /** Requests that matched, met or not. */
  readonly matches: number;
  /** Requests that were met. */
  readonly hits: number;
  /** Ends the rule; requests that it met already stay as they are. */
  remove(): void;
}

interface Entry {
  readonly rule: FaultRule;
  readonly faults: readonly Fault[];
  matches: number;
  hits: number;
}

/** Decides which faults meet which request. The same seed and the same requests in the same order: the same faults. */
export class FaultPlan {
  readonly #entries = new Set<Entry>();
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Adds a rule; several may meet one request. */
  add(rule: FaultRule, faults: readonly Fault[]): InjectedFault {
    const entry: Entry = { rule, faults, matches: 0, hits: 0 };
    this.#entries.add(entry);
    return {
      get matches() {
        return entry.matches;
      },
      get hits() {
        return entry.hits;
      },
      remove: () => void this.#entries.delete(entry),
    };
  }

  /** Ends every rule. */
  clear(): void {
    this.#entries.clear();
  }

  /** The faults that meet this request; counts it. */
  select(request: RequestFacts): Fault[] {
    const selected: Fault[] = [];
    for (const entry of this.#entries) {
      if (!isMatch(entry.rule, request)) continue;
      entry.matches++;
      const { after = 0, times = Infinity, probability = 1 } = entry.rule;
      if (entry.matches <= after || entry.hits >= times) continue;
      if (probability < 1 && this.#random() >= probability) continue;
      entry.hits++;
      selected.push(...entry.faults);
    }
    return selected;
  }
}

function isMatch(rule: FaultRule, request: RequestFacts): boolean {
  return (
    (rule.method === undefined || rule.method === request.method) &&
    (rule.path === undefined || new RegExp(rule.path, rule.path.flags.replace(/[gy]/g, "")).test(request.path)) &&
    (rule.watch === undefined || rule.watch === request.watch) &&
    (rule.userAgent === undefined || rule.userAgent.test(request.userAgent))
  );
}
