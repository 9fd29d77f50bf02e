import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { CookieKey } from "./cookie-key.ts";

/** What a cookie of the proxy says. Only the proxies can read or make one. */
export interface CookieClaims {
  /** Name and UID of the Session that it signs in to. */
  readonly session: string;
  readonly sessionUid: string;
  readonly subject: string;
  readonly tenant: string;
  /** Key of the token that was exchanged for it: once withdrawn, the cookie is void. */
  readonly keyId: string;
  /** When the user was authenticated first; renewals keep it, so that a revocation stays in force. */
  readonly authenticatedAtMs: number;
  readonly expiresAtMs: number;
}

/** Life of a cookie. */
export const COOKIE_LIFE_MS = 15 * 60_000;
/** Longest sealed value that is looked at. */
const MAX_LENGTH = 3584;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Opened values that are remembered: opening one costs as much as a third of a request. */
const MAX_OPENED = 10_000;

/**
 * Seals claims with AES-256-GCM (NIST SP 800-38D, random 96-bit IV): `KID.base64url(iv ‖ ciphertext ‖ tag)`.
 *
 * `purpose` and the session's name are authenticated with it: a value sealed for one purpose or session never opens
 * for another. The first key of the ring seals, all of them open.
 */
export class CookieSealer {
  readonly #keys: () => readonly CookieKey[];
  readonly #purpose: string;
  #ring: readonly CookieKey[] | undefined;
  #secrets = new Map<string, Buffer>();
  readonly #opened = new LRUCache<string, CookieClaims>({ max: MAX_OPENED });

  /** @param keys the ring of now; a new array means new keys */
  constructor(keys: () => readonly CookieKey[], purpose: string = "cookie") {
    this.#keys = keys;
    this.#purpose = purpose;
  }

  /** @throws Error when the ring is empty */
  seal(claims: CookieClaims): string {
    const kid = this.#refresh()[0]?.kid;
    const secret = kid === undefined ? undefined : this.#secrets.get(kid);
    if (kid === undefined || secret === undefined) throw new Error("there is no key to seal with");
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv("aes-256-gcm", secret, iv).setAAD(this.#context(claims.session));
    const text = JSON.stringify([
      claims.sessionUid,
      claims.subject,
      claims.tenant,
      claims.keyId,
      claims.authenticatedAtMs,
      claims.expiresAtMs,
    ]);
    const body = Buffer.concat([iv, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `${kid}.${body.toString("base64url")}`;
  }

  /**
   * Opens a sealed value for a session; undefined when it was not sealed by one of our keys, for this session and
   * purpose. The caller compares `expiresAtMs` with its clock.
   */
  open(value: string, session: string): CookieClaims | undefined {
    this.#refresh();
    const remembered = this.#opened.get(value);
    if (remembered !== undefined) return remembered.session === session ? remembered : undefined;
    const claims = this.#open(value, session);
    if (claims !== undefined) this.#opened.set(value, claims);
    return claims;
  }

  #open(value: string, session: string): CookieClaims | undefined {
    const dot = value.indexOf(".");
    if (dot < 1 || value.length > MAX_LENGTH) return undefined;
    const secret = this.#secrets.get(value.slice(0, dot));
    const sealed = value.slice(dot + 1);
    const body = Buffer.from(sealed, "base64url");
    if (secret === undefined || body.length <= IV_BYTES + TAG_BYTES) return undefined;
    // One spelling only: who remembers used values must not meet the same one in another spelling.
    if (body.toString("base64url") !== sealed) return undefined;
    try {
      const decipher = createDecipheriv("aes-256-gcm", secret, body.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
        .setAAD(this.#context(session))
        .setAuthTag(body.subarray(-TAG_BYTES));
      const text = decipher.update(body.subarray(IV_BYTES, -TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
      // What opens was sealed by a proxy: its form needs no second check.
      const [sessionUid, subject, tenant, keyId, authenticatedAtMs, expiresAtMs] = JSON.parse(text) as [
        string,
        string,
        string,
        string,
        number,
        number,
      ];
      return { session, sessionUid, subject, tenant, keyId, authenticatedAtMs, expiresAtMs };
    } catch {
      return undefined;
    }
  }

  #refresh(): readonly CookieKey[] {
    const ring = this.#keys();
    if (ring !== this.#ring) {
      this.#ring = ring;
      this.#opened.clear();
      this.#secrets = new Map(ring.map(({ kid, k }) => [kid, Buffer.from(k, "base64url")]));
    }
    return ring;
  }

  #context(session: string): Buffer {
    return Buffer.from(`carrel ${this.#purpose} ${session}`);
  }
}

/**
 * The claims of the cookie that replaces `claims`, or undefined while it is young: renewal happens in the last third
 * of its life. Authentication time stays the first one; the life never passes the session's.
 */
export function renewedCookie(
  claims: CookieClaims,
  nowMs: number,
  sessionExpiresAtMs: number,
  lifeMs: number = COOKIE_LIFE_MS,
): CookieClaims | undefined {
  if (claims.expiresAtMs - nowMs > lifeMs / 3) return undefined;
  const expiresAtMs = Math.min(nowMs + lifeMs, sessionExpiresAtMs);
  return expiresAtMs > claims.expiresAtMs ? { ...claims, expiresAtMs } : undefined;
}
