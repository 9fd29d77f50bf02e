import { CarrelError, type CarrelErrorOptions } from "@carrel/std";

/**
 * The closed list of codes that a reply, a condition or a page may carry. `docs/reference/errors.md` is generated
 * from this table; `retryable` is the default for the code.
 */
export const ERROR_CODES = {
  INVALID: {
    retryable: false,
    http: 400,
    means: "The request is malformed or names something impossible; the message says which field.",
  },
  UNAUTHENTICATED: {
    retryable: false,
    http: 401,
    means: "No valid token: missing, expired, tampered, or for another session.",
  },
  FORBIDDEN: { retryable: false, http: 403, means: "The tenant or user may not do this." },
  NOT_FOUND: { retryable: false, http: 404, means: "No such session or template." },
  CONFLICT: { retryable: false, http: 409, means: "The idempotency key was used with another request body." },
  EXPIRED: { retryable: false, http: 410, means: "The session has ended, or the request came after its own deadline." },
  QUOTA: { retryable: false, http: 429, means: "A cap of the tenant, the user or the session is reached." },
  TOO_EARLY: {
    retryable: true,
    http: 425,
    means: "A session can be extended only near its end; `retryAfterMs` says when.",
  },
  NO_CAPACITY: { retryable: true, http: 503, means: "The cluster can take no further session now." },
  PENDING: { retryable: true, http: 503, means: "The session is not ready yet." },
  UNAVAILABLE: {
    retryable: true,
    http: 503,
    means: "A part that Carrel needs does not answer; the same request may be sent again.",
  },
  FAILED: { retryable: false, http: 500, means: "The session could not be started; the message keeps the cause." },
  INTERNAL: {
    retryable: true,
    http: 500,
    means: "A bug or an unexpected answer; the request id finds it in the logs.",
  },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** An error with a code of the contract. */
export class ApiError extends CarrelError<ErrorCode> {
  override readonly name = "ApiError";
  constructor(code: ErrorCode, message: string, options: CarrelErrorOptions = {}) {
    super(code, message, { retryable: ERROR_CODES[code].retryable, ...options });
  }
}
