/**
 * What a token may be used for. Each use has a `typ` of its own (RFC 8725 §3.11), so that one can never stand in for
 * the other: an exchange token travels in a URL and buys one sign-in, a session token authenticates requests.
 */
export const TOKEN_USES = {
  exchange: { typ: "carrel-exchange+jwt", maxTtlMs: 60_000 },
  session: { typ: "carrel-session+jwt", maxTtlMs: 15 * 60_000 },
} as const;
export type TokenUse = keyof typeof TOKEN_USES;

/** What a verified token says. */
export interface TokenClaims {
  readonly use: TokenUse;
  readonly issuer: string;
  /** Name of the Session (`aud`). */
  readonly session: string;
  /** UID of that Session (`suid`): a later Session of the same name is another one. */
  readonly sessionUid: string;
  /** The user's id (`sub`). */
  readonly subject: string;
  readonly tenant: string;
  /** `jti`, unique per token. */
  readonly tokenId: string;
  /** `iat` in milliseconds: when the user was authenticated. */
  readonly issuedAtMs: number;
  /** `nbf` in milliseconds, or `iat` when absent. */
  readonly notBeforeMs: number;
  /** `exp` in milliseconds. */
  readonly expiresAtMs: number;
  /** Key that signed it: withdrawing the key voids the token and whatever was opened with it. */
  readonly keyId: string;
}
