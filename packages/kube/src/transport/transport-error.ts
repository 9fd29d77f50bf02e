import { CarrelError } from "@carrel/std";

/** Why there was no answer. Stable. */
export type TransportErrorCode =
  /** No connection: refused, DNS, TLS, connect timeout. Never sent. */
  | "KUBE_UNREACHABLE"
  /** The connection ended before the answer was complete. */
  | "KUBE_CONNECTION_LOST"
  /** The call's own deadline passed. */
  | "KUBE_DEADLINE"
  /** The caller's signal aborted; `cause` is its reason. */
  | "KUBE_ABORTED"
  /** Too many calls are under way already. Never sent. */
  | "KUBE_OVERLOADED"
  /** An answer that is not what the API promises: too large, cut, not JSON. */
  | "KUBE_BAD_ANSWER"
  /** The client has been disposed. */
  | "KUBE_CLOSED";

const RETRYABLE: ReadonlySet<TransportErrorCode> = new Set([
  "KUBE_UNREACHABLE",
  "KUBE_CONNECTION_LOST",
  "KUBE_DEADLINE",
  "KUBE_OVERLOADED",
]);

/**
 * There was no (usable) answer of the API server.
 *
 * `sent` is the question that matters before trying again: `false` means that no byte of the request left this
 * process, so it has had no effect; `true` means that it may have been executed, so read before repeating a write.
 */
export class TransportError extends CarrelError<TransportErrorCode> {
  override readonly name: string = "TransportError";
  readonly sent: boolean;

  constructor(
    code: TransportErrorCode,
    message: string,
    options: { readonly sent: boolean; readonly cause?: unknown },
  ) {
    super(code, message, { cause: options.cause, retryable: RETRYABLE.has(code) });
    this.sent = options.sent;
  }
}

/** True when the request certainly had no effect: it never left this process. */
export function isUnsent(error: unknown): error is TransportError {
  return error instanceof TransportError && !error.sent;
}
