import {
  looksLikeCarrelToken,
  TokenRefused,
  type CookieClaims,
  type CookieSealer,
  type TokenVerifier,
} from "@carrel/auth";
import type { Clock } from "@carrel/std";
import type { RequestHead } from "../request/request-head.ts";
import type { Authentication, CredentialKind } from "./identity.ts";

export interface AuthenticatorOptions {
  readonly verifier: TokenVerifier;
  readonly sealer: CookieSealer;
  readonly clock: Clock;
  /** A WebSocket or event stream is open that was opened with the same sign-in. */
  readonly isInUse: (cookie: CookieClaims) => boolean;
}

/** The credentials of a request, sorted. */
export interface Credentials {
  /** A session token that was shown on purpose: it decides, whatever the cookie says. */
  readonly token?: { readonly text: string; readonly via: CredentialKind };
  /** The Authorization header is not ours: it goes to the pod if the cookie lets the request in. */
  readonly foreignAuthorization: boolean;
}

/** Finds our token in the Authorization header or the subprotocols; anything else there is the pod's business. */
export function credentialsOf(head: RequestHead): Credentials {
  const bearer = /^bearer +(.*)$/i.exec(head.authorization ?? "")?.[1]?.trim();
  if (bearer !== undefined && looksLikeCarrelToken(bearer)) {
    return { token: { text: bearer, via: "bearer" }, foreignAuthorization: false };
  }
  const foreignAuthorization = head.authorization !== undefined;
  if (head.subprotocolToken === undefined) return { foreignAuthorization };
  return { token: { text: head.subprotocolToken, via: "subprotocol" }, foreignAuthorization };
}

/**
 * Finds out who sends a request. Needs nothing but keys: no look-up happens for somebody unknown. The answer is there
 * at once for cookies, and a promise for tokens, whose signature may have to be checked.
 */
export class Authenticator {
  readonly #options: AuthenticatorOptions;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  authenticate(head: RequestHead, credentials: Credentials, session: string): Authentication | Promise<Authentication> {
    if (credentials.token !== undefined) return this.#byToken(credentials.token, session);
    if (head.cookies.length > 0) return this.#byCookie(head.cookies, session);
    return { via: "none" };
  }

  /** False once the key that stands behind an identity has been withdrawn. */
  isKeyCurrent(keyId: string): boolean {
    return this.#options.verifier.knowsKey(keyId);
  }

  async #byToken({ text, via }: NonNullable<Credentials["token"]>, session: string): Promise<Authentication> {
    try {
      const claims = await this.#options.verifier.verify(text, { use: "session", session });
      return {
        via,
        session,
        sessionUid: claims.sessionUid,
        subject: claims.subject,
        tenant: claims.tenant,
        keyId: claims.keyId,
        authenticatedAtMs: claims.issuedAtMs,
      };
    } catch (error) {
      if (error instanceof TokenRefused) return { via: "none", refusal: error.reason };
      throw error;
    }
  }

  #byCookie(values: readonly string[], session: string): Authentication {
    const now = this.#options.clock.now();
    let refusal = "cookie";
    for (const value of values) {
      const cookie = this.#options.sealer.open(value, session);
      if (cookie === undefined) continue;
      // A page may hold nothing but a WebSocket for hours, and no cookie can be renewed over that: its user is here.
      if (now >= cookie.expiresAtMs && !this.#options.isInUse(cookie)) refusal = "expired";
      else if (!this.isKeyCurrent(cookie.keyId)) refusal = "unknownKey";
      else {
        const { sessionUid, subject, tenant, keyId, authenticatedAtMs } = cookie;
        return { via: "cookie", session, sessionUid, subject, tenant, keyId, authenticatedAtMs, cookie };
      }
    }
    return { via: "none", refusal };
  }
}
