import { CarrelError } from "@carrel/std";

/** Why there was no decision. Each is an explicit refusal with a stable code, never a dropped connection. */
export const REVIEW_FAILURES = {
  ADMISSION_UNDECODABLE: { http: 400, reason: "BadRequest" },
  ADMISSION_TOO_LARGE: { http: 413, reason: "RequestEntityTooLarge" },
  ADMISSION_OVERLOADED: { http: 429, reason: "TooManyRequests" },
  ADMISSION_UNAVAILABLE: { http: 503, reason: "ServiceUnavailable" },
  ADMISSION_TIMEOUT: { http: 504, reason: "Timeout" },
  ADMISSION_INTERNAL: { http: 500, reason: "InternalError" },
} as const;

export type ReviewFailureCode = keyof typeof REVIEW_FAILURES;

/** Something kept the webhook from deciding. */
export class ReviewFailure extends CarrelError<ReviewFailureCode> {
  override readonly name = "ReviewFailure";
}
