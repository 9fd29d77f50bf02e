import { CarrelError } from "@carrel/std";

/** Why something in the testkit failed. */
export type TestkitErrorCode =
  /** A wait reached its deadline; the message holds the last error. */
  | "DEADLINE"
  /** A program did not start, or ended by itself; the message holds its last log lines. */
  | "PROGRAM_FAILED"
  /** The API server refused a request of a set-up step. */
  | "API_REFUSED"
  /** The testkit was used wrongly. */
  | "INVALID";

/** An error of the testkit. */
export class TestkitError extends CarrelError<TestkitErrorCode> {
  override readonly name = "TestkitError";
}
