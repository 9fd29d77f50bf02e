import { ApiError, ERROR_CODES, type ErrorCode, type ErrorView } from "@carrel/api";
import type { CarrelErrorOptions } from "@carrel/std";

/** Why a request got no answer. */
export type NoAnswerCause =
  /** Nobody listens on the subject: nothing was executed. */
  | "no-responders"
  /** There was no connection: nothing was sent. */
  | "not-connected"
  /** The connection broke while waiting: it may have been executed. */
  | "disconnected"
  /** It took too long: it may have been executed. */
  | "timeout";

/** A request without an answer. The same request, with the same idempotency key, may be sent again. */
export class NoAnswerError extends ApiError {
  readonly why: NoAnswerCause;

  constructor(why: NoAnswerCause, message: string, options: CarrelErrorOptions = {}) {
    super("UNAVAILABLE", message, options);
    this.why = why;
  }
}

/** An error that the other side answered with. */
export class RemoteError extends ApiError {
  /** Finds the request in the logs of the service that answered. */
  readonly requestId: string;

  constructor(error: ErrorView, requestId: string) {
    const { code, message, retryable, retryAfterMs } = error;
    // A newer service may know codes that this one does not.
    const known: ErrorCode = Object.hasOwn(ERROR_CODES, code) ? code : "INTERNAL";
    super(known, known === code ? message : `${String(code)}: ${message}`, {
      retryable,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
    this.requestId = requestId;
  }
}
