import type { Verb } from "./verb.ts";

/** What every command is given. */
export interface CommandContext {
  /** Arguments after the command's name. */
  readonly args: readonly string[];
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
}

/** A command of the command line. */
export interface Command {
  /** One line for the overview. */
  readonly summary: string;
  /** What `--help` prints. */
  readonly help: string;
  /** What may follow the name, for commands such as `session list`. */
  readonly verbs?: Readonly<Record<string, Verb>>;
  readonly run: (context: CommandContext) => Promise<void>;
}
