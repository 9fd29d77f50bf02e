import { COOKIE_LIFE_MS, TokenRefused, type CookieClaims, type CookieSealer, type TokenVerifier } from "@carrel/auth";
import type { Clock } from "@carrel/std";
import { setCookie } from "../request/cookie-header.ts";
import type { Route } from "../routing/route.ts";
import type { ReplayGuard } from "./replay-guard.ts";

export interface ExchangeOptions {
  readonly verifier: TokenVerifier;
  readonly sealer: CookieSealer;
  readonly replayGuard: ReplayGuard;
  readonly clock: Clock;
  /** Whether pages of other sites may show sessions in a frame. */
  readonly framed: boolean;
}

/** What an exchange token bought, or why it bought nothing. */
export type ExchangeResult =
  | { readonly ok: true; readonly claims: Omit<CookieClaims, "expiresAtMs"> }
  | { readonly ok: false; readonly refusal: string };

/** Longer than a token's leeway: a used token is remembered until no verifier takes it any more. */
const REMEMBER_AFTER_EXPIRY_MS = 10_000;

/** Turns exchange tokens into cookies. */
export class Exchange {
  readonly #options: ExchangeOptions;

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  /** Verifies and uses up an exchange token. */
  async redeem(token: string, session: string): Promise<ExchangeResult> {
    try {
      const claims = await this.#options.verifier.verify(token, { use: "exchange", session });
      if (!this.#options.replayGuard.use(claims.tokenId, claims.expiresAtMs + REMEMBER_AFTER_EXPIRY_MS)) {
        return { ok: false, refusal: "replayed" };
      }
      const { sessionUid, subject, tenant, keyId, issuedAtMs } = claims;
      return { ok: true, claims: { session, sessionUid, subject, tenant, keyId, authenticatedAtMs: issuedAtMs } };
    } catch (error) {
      if (error instanceof TokenRefused) return { ok: false, refusal: error.reason };
      throw error;
    }
  }

  /** The Set-Cookie value for a fresh sign-in. A route, if known, bounds its life. */
  signIn(claims: Omit<CookieClaims, "expiresAtMs">, route: Route | undefined): string {
    const untilMs = this.#options.clock.now() + COOKIE_LIFE_MS;
    const sessionUntilMs = route?.expiresAtMs ?? untilMs;
    return this.cookie({ ...claims, expiresAtMs: Math.min(untilMs, sessionUntilMs) }, sessionUntilMs);
  }

  /**
   * The Set-Cookie value for these claims. The browser keeps it as long as the session may last, although its life is
   * shorter: so a user whose sign-in has run out is told that, and an open WebSocket can keep it (see Authenticator).
   */
  cookie(claims: CookieClaims, sessionUntilMs: number): string {
    const { clock, framed, sealer } = this.#options;
    const keepMs = Math.max(claims.expiresAtMs, sessionUntilMs) - clock.now();
    return setCookie(sealer.seal(claims), { maxAgeSeconds: Math.max(0, Math.ceil(keepMs / 1000)), framed });
  }
}
