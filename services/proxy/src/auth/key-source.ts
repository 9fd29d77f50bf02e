import type { CookieKey, Jwks } from "@carrel/auth";

/** The keys of now. A changed set is a new object. */
export interface KeySource {
  readonly jwks: () => Jwks;
  readonly cookieKeys: () => readonly CookieKey[];
  /** Called after the signing keys have changed; returns how to stop listening. */
  readonly subscribe: (listener: () => void) => () => void;
}
