import { ERROR_CODES } from "@carrel/api";
import type { Refusal } from "../request/decide.ts";

/** The body of a refusal for scripts. */
export interface ErrorBody {
  readonly code: string;
  readonly reason: string;
  readonly detail?: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly requestId: string;
  /** Only with 401. */
  readonly loginUrl?: string;
}

/** What a script is told about a refusal. Pure. */
export function errorBody(refusal: Refusal, requestId: string, loginUrl: string | undefined): ErrorBody {
  const { code, reason, detail, message } = refusal;
  return {
    code,
    reason,
    ...(detail === undefined ? {} : { detail }),
    message,
    retryable: ERROR_CODES[code].retryable || reason === "limit",
    requestId,
    ...(refusal.status === 401 && loginUrl !== undefined ? { loginUrl } : {}),
  };
}
