import type { CookieClaims } from "@carrel/auth";

/** How a user proved who they are. */
export type CredentialKind = "bearer" | "subprotocol" | "cookie";

/** A user, proven by a valid credential. */
export interface Identity {
  readonly via: CredentialKind;
  readonly session: string;
  readonly sessionUid: string;
  readonly subject: string;
  readonly tenant: string;
  /** Key that signed the token (of a cookie: the token that it was exchanged for). */
  readonly keyId: string;
  readonly authenticatedAtMs: number;
  /** Only with `via: "cookie"`. */
  readonly cookie?: CookieClaims;
}

/** Why nobody was proven: nothing was sent, or what was sent is not valid (a reason of the closed list). */
export interface Anonymous {
  readonly via: "none";
  readonly refusal?: string;
}

export type Authentication = Identity | Anonymous;
