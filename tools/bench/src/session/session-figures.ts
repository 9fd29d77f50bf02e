import type { CallCount } from "../audit/count-calls.ts";
import type { Milestones } from "../audit/milestones.ts";
import { median, percentile } from "../statistics/percentile.ts";

/** What one round measured. */
export interface Round {
  readonly floorMs: number;
  readonly coldMs: number;
  readonly stages: number;
  /** Calls of the session's whole life. */
  readonly calls: CallCount;
  /** Calls while it idled; absent in the rounds that did not wait for that. */
  readonly idleCalls?: number;
  readonly floorMilestones: Milestones;
  readonly coldMilestones: Milestones;
}

/** The result, as `--json` prints it. Times are milliseconds. */
export interface SessionFigures {
  /** Median: CREATE of a bare pod with the desk's spec → a watch shows it Ready. */
  readonly floorMs: number;
  /** Request on NATS → reply `ready`. */
  readonly coldMs: { readonly p50: number; readonly p99: number };
  /** Median over the rounds of cold by floor: the two of a round begin in the same phase of the kubelet's second. */
  readonly ratio: number;
  /** One session's life from request to Ended, 30 idle seconds included; the one with the median total. */
  readonly apiCalls: CallCount;
  /** Calls for the session in its idle time; the most that was seen. */
  readonly idleCalls: number;
  /** Median number of dependent stages of the provisioner's writes until ready. */
  readonly stages: number;
  /** Objects that still mention one of the run's workspaces after all have Ended. */
  readonly left: number;
  readonly rounds: number;
}

/** Sums rounds up. Pure. @throws RangeError when there are none, or none with an idle time. */
export function summarise(rounds: readonly Round[], left: number): SessionFigures {
  const floorMs = median(rounds.map((round) => round.floorMs));
  const cold = rounds.map(({ coldMs }) => coldMs);
  const p50 = median(cold);
  const idled = rounds.filter(({ idleCalls }) => idleCalls !== undefined);
  const total = median(idled.map(({ calls }) => calls.total));
  const life = idled.find(({ calls }) => calls.total === total);
  return {
    floorMs: rounded(floorMs, 1),
    coldMs: { p50: rounded(p50, 1), p99: rounded(percentile(cold, 99), 1) },
    ratio: rounded(median(rounds.map((round) => round.coldMs / round.floorMs)), 3),
    apiCalls: life?.calls ?? { total: 0, byService: {} },
    idleCalls: Math.max(...idled.map(({ idleCalls = 0 }) => idleCalls)),
    stages: median(rounds.map(({ stages }) => stages)),
    left,
    rounds: rounds.length,
  };
}

/** The median of each milestone over the rounds that have it, in the order of time. */
export function medianMilestones(milestones: readonly Milestones[]): (readonly [name: string, ms: number])[] {
  const names = new Set(milestones.flatMap((each) => Object.keys(each)));
  return [...names]
    .map((name) => [name, median(milestones.flatMap((each) => each[name] ?? []))] as const)
    .toSorted(([, a], [, b]) => a - b);
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
