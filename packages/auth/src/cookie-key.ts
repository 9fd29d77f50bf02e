import { randomBytes } from "node:crypto";

/** A key that seals cookies: 32 random bytes in base64url, with the id that stands in front of what it sealed. */
export interface CookieKey {
  readonly kid: string;
  readonly k: string;
}

/** Makes a fresh cookie key. */
export function generateCookieKey(): CookieKey {
  return { kid: randomBytes(6).toString("base64url"), k: randomBytes(32).toString("base64url") };
}
