/** Says by name what is not (yet) all right; an empty list means all is. */
export type Check = () => readonly string[] | Promise<readonly string[]>;

/**
 * A condition with a name: whether it holds, or the problems that it has, none when it holds. A check that throws counts
 * as failed.
 */
export type NamedCheck = () => CheckResult | Promise<CheckResult>;
type CheckResult = boolean | readonly string[];

/** The readiness of a process, put together by its parts. */
export interface Readiness {
  /** From now on the process is ready only while `isReady` says so; `/readyz` reports `name`, or `name: problem` each. */
  readonly add: (name: string, isReady: NamedCheck) => void;
  /** Something that the process can do without: `/readyz` tells its problem and stays what it is. */
  readonly addDegraded: (name: string, problem: () => string | undefined) => void;
  /** Says that everything is set up. Until then the process is not ready. */
  readonly started: () => void;
  /** Not ready from now on, for good. */
  readonly stopping: () => void;
  /** What is not ready, by name. */
  readonly check: Check;
  /** The problems of what the process can do without, by name. */
  readonly degraded: () => Readonly<Record<string, string>>;
}

/** A readiness that starts as not ready. */
export function createReadiness(): Readiness {
  const checks = new Map<string, NamedCheck>();
  const dispensable = new Map<string, () => string | undefined>();
  let state: "starting" | "started" | "stopping" = "starting";
  return {
    add: (name, isReady) => void checks.set(name, isReady),
    addDegraded: (name, problem) => void dispensable.set(name, problem),
    degraded: () => {
      const problems = [...dispensable].map(([name, problem]) => [name, problem()] as const);
      return Object.fromEntries(problems.filter((one): one is [string, string] => one[1] !== undefined));
    },
    started: () => {
      if (state === "starting") state = "started";
    },
    stopping: () => {
      state = "stopping";
    },
    check: async () => {
      const failed = await Promise.all([...checks].map(([name, isReady]) => reasonsOf(name, isReady)));
      return [...(state === "started" ? [] : [state]), ...failed.flat()];
    },
  };
}

async function reasonsOf(name: string, check: NamedCheck): Promise<readonly string[]> {
  try {
    const result = await check();
    if (typeof result === "boolean") return result ? [] : [name];
    return result.map((problem) => `${name}: ${problem}`);
  } catch {
    return [name];
  }
}
