/** Says by name what is not (yet) all right; an empty list means all is. */
export type Check = () => readonly string[] | Promise<readonly string[]>;

/** A condition with a name. A check that throws counts as failed. */
export type NamedCheck = () => boolean | Promise<boolean>;

/** The readiness of a process, put together by its parts. */
export interface Readiness {
  /** From now on the process is ready only while `isReady` says so; `name` is what `/readyz` reports. */
  readonly add: (name: string, isReady: NamedCheck) => void;
  /** Says that everything is set up. Until then the process is not ready. */
  readonly started: () => void;
  /** Not ready from now on, for good. */
  readonly stopping: () => void;
  /** The names of what is not ready. */
  readonly check: Check;
}

/** A readiness that starts as not ready. */
export function createReadiness(): Readiness {
  const checks = new Map<string, NamedCheck>();
  let state: "starting" | "started" | "stopping" = "starting";
  return {
    add: (name, isReady) => void checks.set(name, isReady),
    started: () => {
      if (state === "starting") state = "started";
    },
    stopping: () => {
      state = "stopping";
    },
    check: async () => {
      const failed = await Promise.all(
        [...checks].map(async ([name, isReady]) => ((await holds(isReady)) ? undefined : name)),
      );
      return [...(state === "started" ? [] : [state]), ...failed.filter((name) => name !== undefined)];
    },
  };
}

async function holds(check: NamedCheck): Promise<boolean> {
  try {
    return await check();
  } catch {
    return false;
  }
}
