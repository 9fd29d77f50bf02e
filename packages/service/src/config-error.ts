import { CarrelError } from "@carrel/std";

/** One thing that is wrong with a configuration. */
export interface ConfigProblem {
  /** Dotted path of the key, e.g. `nats.servers`; the variable's name when no key belongs to it. */
  readonly path: string;
  /** The environment variable that sets it, when there is one. */
  readonly env?: string;
  /** What was found and what is allowed. */
  readonly message: string;
}

/** A configuration that cannot be used. `problems` has every bad key, not just the first. */
export class ConfigError extends CarrelError<"INVALID_CONFIG"> {
  override readonly name = "ConfigError";
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[], options: { readonly cause?: unknown } = {}) {
    super("INVALID_CONFIG", `invalid configuration:\n${problems.map(line).join("\n")}`, options);
    this.problems = problems;
  }
}

function line({ path, env, message }: ConfigProblem): string {
  return `  ${path}${env === undefined || env === path ? "" : ` (${env})`}: ${message}`;
}
