/** What the reporter tells the runner, one JSON object a line. */
export interface TestEvent {
  readonly type: "begin" | "end" | "start" | "pass" | "fail" | "diagnostic" | "summary" | "idle";
  /** Name of the test, or the text of a diagnostic. */
  readonly name: string;
  /** How many tests and suites are around it. */
  readonly nesting: number;
  /** Absolute; undefined for what belongs to no file. */
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  /** A `describe`, not a test. */
  readonly suite: boolean;
  /** Skipped, or still to do. */
  readonly skipped: boolean;
  /** Node's word for the cause of a failure, e.g. `subtestsFailed`. */
  readonly failureType?: string | undefined;
  readonly durationMs?: number | undefined;
  /** The error, as text for people. */
  readonly error?: string | undefined;
  /** With `idle`: what keeps the process alive. */
  readonly resources?: readonly string[] | undefined;
}
