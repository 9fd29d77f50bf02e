import { CarrelError } from "@carrel/std";

/** The command was typed wrong; the message says how to type it. Exit code 2. */
export class UsageError extends CarrelError<"USAGE"> {
  override readonly name = "UsageError";
  constructor(message: string) {
    super("USAGE", message);
  }
}
