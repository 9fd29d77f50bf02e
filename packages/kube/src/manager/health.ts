/** An answer to a probe; `problems` say what is missing, for humans. */
export interface Health {
  readonly ok: boolean;
  readonly problems: readonly string[];
}

/** Healthy when there is no problem. */
export function healthOf(problems: readonly string[]): Health {
  return { ok: problems.length === 0, problems };
}
