import { randomUUID } from "node:crypto";
import { CarrelError, type Clock } from "@carrel/std";
import { importJWK, SignJWT } from "jose";
import type { SigningKey } from "./signing-key.ts";
import { TOKEN_USES, type TokenUse } from "./token-claims.ts";

/** What a token shall say. */
export interface TokenRequest {
  readonly use: TokenUse;
  readonly issuer: string;
  /** Name of the Session. */
  readonly session: string;
  readonly sessionUid: string;
  /** The user's id. */
  readonly subject: string;
  readonly tenant: string;
  /** Rounded down to seconds; at most 60 s for `exchange`, 15 min for `session`. */
  readonly ttlMs: number;
  readonly clock: Clock;
}

/**
 * Signs a token.
 *
 * @throws CarrelError `INVALID` when `ttlMs` is below a second or above what the use allows
 *
 * @example
 * const token = await mintToken(key, {
 *   use: "exchange", issuer: "carrel", session: "s…", sessionUid, subject: "ada", tenant: "acme", ttlMs: 60_000, clock,
 * });
 * const loginUrl = `${session.status.url}?carrel_token=${token}`;
 */
export async function mintToken(key: SigningKey, request: TokenRequest): Promise<string> {
  const { typ, maxTtlMs } = TOKEN_USES[request.use];
  const ttlSeconds = Math.floor(request.ttlMs / 1000);
  if (!(ttlSeconds >= 1) || request.ttlMs > maxTtlMs) {
    throw new CarrelError("INVALID", `a token for ${request.use} lives 1 to ${maxTtlMs / 1000} seconds`);
  }
  const issuedAt = Math.floor(request.clock.now() / 1000);
  return new SignJWT({ tenant: request.tenant, suid: request.sessionUid })
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ })
    .setIssuer(request.issuer)
    .setAudience(request.session)
    .setSubject(request.subject)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + ttlSeconds)
    .setJti(randomUUID())
    .sign(await importJWK({ ...key }, key.alg));
}
