import { ApiError } from "@carrel/api";

/**
 * Why a token was refused: the closed list. Safe to log and to count, and to show to the one who sent the token; it
 * never repeats any part of it.
 */
export const TOKEN_REFUSALS = {
  oversized: "longer than a token may be",
  malformed: "not a JWT of this service",
  crit: "asks for an extension that is not understood",
  typ: "a token for another use",
  unknownKey: "signed by a key that is not published",
  algorithm: "another algorithm than the key's",
  signature: "the signature does not match",
  claims: "a claim is missing or has another form",
  issuer: "another issuer",
  audience: "for another session",
  lifetime: "lives longer than its use allows",
  notYetValid: "from the future",
  expired: "expired",
} as const;
export type TokenRefusal = keyof typeof TOKEN_REFUSALS;

/** The token is not valid here. `reason` tells which check it failed. */
export class TokenRefused extends ApiError {
  readonly reason: TokenRefusal;
  constructor(reason: TokenRefusal, cause?: unknown) {
    super("UNAUTHENTICATED", `The token was refused: ${TOKEN_REFUSALS[reason]}.`, cause === undefined ? {} : { cause });
    this.reason = reason;
  }
}
