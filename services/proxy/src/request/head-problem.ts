import type { ErrorCode } from "@carrel/api";

/** Why a request is refused for its form alone. The connection is closed after the answer. */
export interface HeadProblem {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
  /** Headers that belong to the answer, names and values in turn. */
  readonly headers?: readonly string[];
}

/** Tells a problem from a head that was read. */
export function isHeadProblem(value: object): value is HeadProblem {
  return "status" in value;
}
