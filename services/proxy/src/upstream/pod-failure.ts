import type { Refusal } from "../request/decide.ts";

/** What a failed attempt to reach a pod looks like to the client. Messages of the system are not repeated. */
export function podFailure(error: unknown, port: number): Refusal {
  switch (codeOf(error)) {
    case "ECONNREFUSED":
      return {
        kind: "refuse",
        status: 502,
        code: "UNAVAILABLE",
        reason: "podRefused",
        message: `Nothing listens on port ${port} of this session.`,
      };
    case "UND_ERR_CONNECT_TIMEOUT":
    case "UND_ERR_HEADERS_TIMEOUT":
    case "UND_ERR_BODY_TIMEOUT":
    case "ETIMEDOUT":
      return {
        kind: "refuse",
        status: 504,
        code: "UNAVAILABLE",
        reason: "podSilent",
        message: `What listens on port ${port} of this session does not answer.`,
      };
    default:
      return {
        kind: "refuse",
        status: 502,
        code: "UNAVAILABLE",
        reason: "podFailed",
        message: `What listens on port ${port} of this session broke off before it had answered.`,
      };
  }
}

/** The code of a system or transport error, also when it is wrapped. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  if ("errors" in error && Array.isArray(error.errors)) return codeOf(error.errors[0]);
  return "cause" in error ? codeOf(error.cause) : undefined;
}
