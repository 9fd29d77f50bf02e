import { ApiError, HEADERS } from "@carrel/api";

/** When a request must be answered, and when its handler must hurry. All on the wall clock, milliseconds. */
export interface RequestDeadline {
  /** The caller stops waiting. */
  readonly deadlineMs: number;
  /** The handler's signal aborts: it must come to an answer now. */
  readonly hurryAtMs: number;
  /** The handler has not come to an answer: it is answered for. */
  readonly answerAtMs: number;
}

/** What bounds a request's time. */
export interface DeadlineLimits {
  /** Time for a request without a `Deadline`. */
  readonly defaultTimeoutMs: number;
  /** No request may ask for more. */
  readonly maxTimeoutMs: number;
  /** What a handler gets between its signal and the answer, and what the answer needs to get back; at most. */
  readonly marginMs: number;
}

/**
 * Reads the `Deadline` header.
 * @throws ApiError `INVALID` when it is not a number of milliseconds, `EXPIRED` when it has passed.
 */
export function requestDeadline(header: string | undefined, nowMs: number, limits: DeadlineLimits): RequestDeadline {
  let deadlineMs = nowMs + limits.defaultTimeoutMs;
  if (header !== undefined) {
    if (!/^[0-9]{1,15}$/.test(header)) {
      throw new ApiError(
        "INVALID",
        `the header ${HEADERS.deadline} must be milliseconds since 1970, e.g. ${nowMs + 5000}`,
      );
    }
    const asked = Number(header);
    if (asked <= nowMs) {
      throw new ApiError("EXPIRED", `the request came ${Math.ceil(nowMs - asked)} ms after its own deadline`);
    }
    deadlineMs = Math.min(asked, nowMs + limits.maxTimeoutMs);
  }
  const marginMs = Math.min(limits.marginMs, (deadlineMs - nowMs) / 4);
  return { deadlineMs, hurryAtMs: deadlineMs - 2 * marginMs, answerAtMs: deadlineMs - marginMs };
}
