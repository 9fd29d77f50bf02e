/** What a {@link CarrelError} carries besides its message. */
export interface CarrelErrorOptions {
  /** The error that led to this one. */
  readonly cause?: unknown;
  /** True when the same call may succeed later without any change by the caller. */
  readonly retryable?: boolean;
  /** When to try again, in milliseconds from now; only with `retryable`. */
  readonly retryAfterMs?: number;
}

/**
 * The base of every error that Carrel raises on purpose.
 *
 * `code` is stable and SCREAMING_SNAKE_CASE: callers branch on it, never on the message. Messages say what was
 * found and what to do; they never contain a secret, a token or a response body.
 */
export class CarrelError<Code extends string = string> extends Error {
  override readonly name: string = "CarrelError";
  readonly code: Code;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(code: Code, message: string, options: CarrelErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** True for a {@link CarrelError} with the given code. */
export function hasCode<Code extends string>(error: unknown, code: Code): error is CarrelError<Code> {
  return error instanceof CarrelError && error.code === code;
}
