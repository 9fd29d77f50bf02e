import { CarrelError } from "@carrel/std";

/** Trying again cannot help until the object changes: the controller does not retry, but waits for the next event. */
export class TerminalError extends CarrelError<"TERMINAL"> {
  override readonly name = "TerminalError";

  constructor(message: string, cause?: unknown) {
    super("TERMINAL", message, { cause });
  }
}
