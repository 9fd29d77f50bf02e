import { CarrelError } from "@carrel/std";

/** `metav1.Status`, as the API server refuses. */
export interface KubeStatus {
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: StatusDetails;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** One of several problems, e.g. a field that is invalid. */
export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  /** Path in the object, as `spec.containers[0].image`. */
  readonly field?: string;
}

/** `metav1.StatusReason` to the code of the error. */
const CODES = {
  BadRequest: "KUBE_BAD_REQUEST",
  Unauthorized: "KUBE_UNAUTHORIZED",
  Forbidden: "KUBE_FORBIDDEN",
  NotFound: "KUBE_NOT_FOUND",
  MethodNotAllowed: "KUBE_METHOD_NOT_ALLOWED",
  NotAcceptable: "KUBE_NOT_ACCEPTABLE",
  AlreadyExists: "KUBE_ALREADY_EXISTS",
  Conflict: "KUBE_CONFLICT",
  Gone: "KUBE_GONE",
  Expired: "KUBE_GONE",
  RequestEntityTooLarge: "KUBE_TOO_LARGE",
  UnsupportedMediaType: "KUBE_UNSUPPORTED_MEDIA_TYPE",
  Invalid: "KUBE_INVALID",
  TooManyRequests: "KUBE_TOO_MANY_REQUESTS",
  InternalError: "KUBE_INTERNAL",
  ServerTimeout: "KUBE_SERVER_TIMEOUT",
  Timeout: "KUBE_SERVER_TIMEOUT",
  ServiceUnavailable: "KUBE_UNAVAILABLE",
} as const;

/** Reason of an answer that names none: the API server's own, or that of a proxy before it. */
const REASON_OF_STATUS: Readonly<Record<number, keyof typeof CODES>> = {
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  405: "MethodNotAllowed",
  406: "NotAcceptable",
  409: "Conflict",
  410: "Gone",
  413: "RequestEntityTooLarge",
  415: "UnsupportedMediaType",
  422: "Invalid",
  429: "TooManyRequests",
  500: "InternalError",
  502: "ServiceUnavailable",
  503: "ServiceUnavailable",
  504: "Timeout",
};

/** What the API server refused a request for. Stable. */
export type StatusErrorCode = (typeof CODES)[keyof typeof CODES] | "KUBE_UNKNOWN";

/** A server that says one of these may well say something else a little later. */
const RETRYABLE: ReadonlySet<StatusErrorCode> = new Set<StatusErrorCode>([
  "KUBE_TOO_MANY_REQUESTS",
  "KUBE_INTERNAL",
  "KUBE_SERVER_TIMEOUT",
  "KUBE_UNAVAILABLE",
]);

/** An apply that declares a field unknown to the schema is answered with 500, for ever. */
const TERMINAL_INTERNAL = "failed to create typed patch object";
const LONGEST_MESSAGE = 2048;

/**
 * The API server answered, and refused. Test it with the predicates (`isNotFound(error)`, …) rather than by numbers.
 * The message holds the request's method and path and `Status.message`, cut at 2,048 characters, nothing else.
 */
export class StatusError extends CarrelError<StatusErrorCode> {
  override readonly name: string = "StatusError";
  /** The HTTP status, also of an error inside a watch. */
  readonly status: number;
  /** `Status.reason`, or what the HTTP status stands for. */
  readonly reason: string;
  readonly details: StatusDetails;

  constructor(httpStatus: number, status: KubeStatus, what: string) {
    const number = status.code ?? httpStatus;
    const reason = status.reason !== undefined && status.reason !== "" ? status.reason : REASON_OF_STATUS[number];
    const code = reason !== undefined && reason in CODES ? CODES[reason as keyof typeof CODES] : "KUBE_UNKNOWN";
    const message = status.message ?? `HTTP ${httpStatus} without a Status`;
    const seconds = status.details?.retryAfterSeconds;
    const retryable = RETRYABLE.has(code) && !message.includes(TERMINAL_INTERNAL);
    super(code, `${what}: ${message.slice(0, LONGEST_MESSAGE)}`, {
      retryable,
      ...(retryable && seconds !== undefined && seconds > 0 ? { retryAfterMs: seconds * 1000 } : {}),
    });
    this.status = number;
    this.reason = reason ?? "Unknown";
    this.details = status.details ?? {};
  }
}

/** Makes the error from the body of an answer; one that is no Status (a proxy's page) is left out of it. */
export function statusErrorOf(httpStatus: number, body: Buffer, what: string): StatusError {
  return new StatusError(httpStatus, parseStatus(body.toString("utf8")), what);
}

function parseStatus(text: string): KubeStatus {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null && "kind" in parsed && parsed.kind === "Status") {
      return parsed as KubeStatus;
    }
  } catch {
    // Not JSON, so not the API server's.
  }
  return {};
}
