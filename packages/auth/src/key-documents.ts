import { CarrelError } from "@carrel/std";
import type { CookieKey } from "./cookie-key.ts";
import { publicKeyOf, type Jwks, type PublicKey, type SigningKey } from "./signing-key.ts";

/** Where keys are stored in Carrel's own namespace: object and the name of the entry in its `data`. */
export const KEY_OBJECTS = {
  /** Private signing keys; only the issuer reads it. The first key signs. */
  signingKeys: { kind: "Secret", name: "carrel-signing-keys", entry: "keys.json" },
  /** Public signing keys; proxies read it. */
  jwks: { kind: "ConfigMap", name: "carrel-jwks", entry: "jwks.json" },
  /** Keys that seal cookies; only proxies read it. The first key seals, all of them open. */
  cookieKeys: { kind: "Secret", name: "carrel-cookie-keys", entry: "keys.json" },
} as const;

/** Most keys that a document may hold: each is tried never, looked up by `kid`, but a document is bounded all the same. */
const MAX_KEYS = 20;
/** Longest document, in characters. */
const MAX_LENGTH = 64 * 1024;

/** The text of `keys.json` in the Secret `carrel-signing-keys`. */
export function serialiseSigningKeys(keys: readonly SigningKey[]): string {
  return JSON.stringify({ keys: keys.map((key) => ({ ...publicKeyOf(key), d: key.d })) });
}

/** Reads `keys.json` of the Secret `carrel-signing-keys`. @throws CarrelError `BAD_KEYS`; never repeats the text. */
export function parseSigningKeys(text: string): readonly SigningKey[] {
  return entriesOf(parse(text), "keys").map((entry) => {
    const { d } = entry;
    if (!isKeyText(d)) throw badKeys("a signing key has no private part");
    return { ...publicKey(entry), d };
  });
}

/** The text of `jwks.json` in the ConfigMap `carrel-jwks`. */
export function serialiseJwks(jwks: Jwks): string {
  return JSON.stringify({ keys: jwks.keys.map(publicKeyOf) });
}

/**
 * Reads a JWK Set. Anything but EdDSA (Ed25519) and ES256 keys for signatures is refused, private parts are dropped.
 * @throws CarrelError `BAD_KEYS`
 */
export function parseJwks(text: string): Jwks {
  return { keys: entriesOf(parse(text), "keys").map(publicKey) };
}

/** The text of `keys.json` in the Secret `carrel-cookie-keys`. */
export function serialiseCookieKeys(keys: readonly CookieKey[]): string {
  return JSON.stringify(keys.map(({ kid, k }) => ({ kid, k })));
}

/** Reads `keys.json` of the Secret `carrel-cookie-keys`: `[{kid, k}]`. @throws CarrelError `BAD_KEYS` */
export function parseCookieKeys(text: string): readonly CookieKey[] {
  return entriesOf({ keys: parse(text) }, "keys").map(({ kid, k }) => {
    if (!isKeyId(kid) || !isKeyText(k) || Buffer.from(k, "base64url").length !== 32) {
      throw badKeys("a cookie key needs a kid and 32 bytes of k in base64url");
    }
    return { kid, k };
  });
}

function parse(text: string): unknown {
  if (text.length > MAX_LENGTH) throw badKeys(`longer than ${MAX_LENGTH} characters`);
  try {
    return JSON.parse(text);
  } catch {
    throw badKeys("not JSON"); // The parser's own message quotes the text: it may be a key.
  }
}

function entriesOf(document: unknown, member: string): readonly Readonly<Record<string, unknown>>[] {
  const list = isRecord(document) ? document[member] : undefined;
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_KEYS || !list.every(isRecord)) {
    throw badKeys(`expected a list of 1 to ${MAX_KEYS} keys`);
  }
  const ids = new Set(list.map((entry) => entry["kid"]));
  if (ids.size !== list.length) throw badKeys("two keys have the same kid");
  return list;
}

function publicKey(entry: Readonly<Record<string, unknown>>): PublicKey {
  const { kid, alg, use, kty, crv, x, y } = entry;
  if (!isKeyId(kid) || use !== "sig" || !isKeyText(x)) throw badKeys("a key needs kid, use: sig and x");
  if (alg === "EdDSA" && kty === "OKP" && crv === "Ed25519") return { kid, alg, use, kty, crv, x };
  if (alg === "ES256" && kty === "EC" && crv === "P-256" && isKeyText(y)) return { kid, alg, use, kty, crv, x, y };
  throw badKeys("a key is neither EdDSA on Ed25519 nor ES256 on P-256");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isKeyId(value: unknown): value is string {
  return typeof value === "string" && /^[A-Za-z0-9_-]{1,64}$/.test(value);
}

function isKeyText(value: unknown): value is string {
  return typeof value === "string" && /^[A-Za-z0-9_-]{1,128}$/.test(value);
}

function badKeys(problem: string): CarrelError<"BAD_KEYS"> {
  return new CarrelError("BAD_KEYS", `The key document cannot be used: ${problem}.`);
}
