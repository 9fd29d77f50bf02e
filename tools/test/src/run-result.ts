import { addTallies, EMPTY_TALLY, type Tally } from "./tally.ts";

/** Something that failed, ready to be printed. */
export interface Failure {
  /** The file, relative to the repository, with the line if it is known; or the Go package. */
  readonly where: string;
  /** The test with the names around it, or what went wrong with the whole file. */
  readonly name: string;
  /** The error and what is known besides. */
  readonly text: string;
}

/** What came out of a file, a process or a suite. `tally.failed` is the number of failures. */
export interface RunResult {
  readonly tally: Tally;
  readonly failures: readonly Failure[];
}

export const EMPTY_RESULT: RunResult = { tally: EMPTY_TALLY, failures: [] };

/** A result of nothing but one failure. */
export function failureResult(failure: Failure): RunResult {
  return { tally: { ...EMPTY_TALLY, failed: 1 }, failures: [failure] };
}

/** Puts results together, in their order. */
export function mergeResults(results: readonly RunResult[]): RunResult {
  return {
    tally: results.reduce((sum, result) => addTallies(sum, result.tally), EMPTY_TALLY),
    failures: results.flatMap((result) => result.failures),
  };
}

/** How many tests a result counts. */
export function testCount({ tally }: RunResult): number {
  return tally.passed + tally.failed + tally.skipped;
}
