import { SIGNING_ALGORITHMS, type SigningAlgorithm } from "./signing-key.ts";
import { TOKEN_USES, type TokenClaims, type TokenUse } from "./token-claims.ts";
import { TokenRefused } from "./token-refused.ts";

/** Longest token: it must fit into a cookie (4,096 bytes with name and attributes). */
export const MAX_TOKEN_LENGTH = 3584;

/** A token taken apart; nothing of it is trusted yet. */
export interface ReadToken {
  readonly text: string;
  readonly keyId: string;
  readonly algorithm: SigningAlgorithm;
  /** The claims, checked for form only. Call it after the signature has been checked. @throws TokenRefused */
  claims(): TokenClaims;
}

/** Takes a compact JWS apart and checks its header. Members of the header that name or carry keys are ignored. */
export function readToken(text: string): ReadToken {
  const parts = text.split(".");
  const [head, body, signature] = parts;
  if (parts.length !== 3 || head === undefined || body === undefined || signature === undefined || signature === "") {
    throw new TokenRefused("malformed");
  }
  const header = decode(head);
  if (header === undefined) throw new TokenRefused("malformed");
  if (header["crit"] !== undefined) throw new TokenRefused("crit");
  const use = useOf(header["typ"]);
  if (use === undefined) throw new TokenRefused("typ");
  const { kid, alg } = header;
  if (typeof kid !== "string" || kid.length > 64) throw new TokenRefused("unknownKey");
  const algorithm = SIGNING_ALGORITHMS.find((known) => known === alg);
  if (algorithm === undefined) throw new TokenRefused("algorithm");
  return { text, keyId: kid, algorithm, claims: () => claimsOf(decode(body), use, kid) };
}

/** True when a bearer value names itself a token of Carrel: such a value is never passed on, whether valid or not. */
export function looksLikeCarrelToken(text: string): boolean {
  const dot = text.indexOf(".");
  if (dot < 1 || dot > MAX_TOKEN_LENGTH) return false;
  const typ = decode(text.slice(0, dot))?.["typ"];
  return typeof typ === "string" && useOf(typ) !== undefined;
}

function useOf(typ: unknown): TokenUse | undefined {
  return (Object.keys(TOKEN_USES) as TokenUse[]).find((use) => TOKEN_USES[use].typ === typ);
}

function decode(part: string): Readonly<Record<string, unknown>> | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(part)) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

function claimsOf(body: Readonly<Record<string, unknown>> | undefined, use: TokenUse, keyId: string): TokenClaims {
  if (body === undefined) throw new TokenRefused("malformed");
  return {
    use,
    issuer: text(body["iss"], 256),
    session: text(body["aud"], 63),
    sessionUid: text(body["suid"], 64),
    subject: text(body["sub"], 256),
    tenant: text(body["tenant"], 63),
    tokenId: text(body["jti"], 64),
    issuedAtMs: seconds(body["iat"]),
    notBeforeMs: seconds(body["nbf"] ?? body["iat"]),
    expiresAtMs: seconds(body["exp"]),
    keyId,
  };
}

function text(value: unknown, maxLength: number): string {
  if (typeof value !== "string" || value === "" || value.length > maxLength) throw new TokenRefused("claims");
  return value;
}

function seconds(value: unknown): number {
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0 || value > 1e11)
    throw new TokenRefused("claims");
  return value * 1000;
}
