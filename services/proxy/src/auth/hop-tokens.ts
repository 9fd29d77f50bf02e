import { CookieSealer, type CookieClaims, type CookieKey } from "@carrel/auth";
import type { Clock } from "@carrel/std";
import type { Identity } from "./identity.ts";
import type { ReplayGuard } from "./replay-guard.ts";

/** How long a hop may take: one redirect. */
const HOP_LIFE_MS = 30_000;

/**
 * Carries a sign-in from the session's own host to the host of one of its endpoints: cookies are bound to one host, and
 * must be. A hop token is sealed by the proxies for each other, for one endpoint, lives for half a minute and is taken
 * once.
 */
export class HopTokens {
  readonly #keys: () => readonly CookieKey[];
  readonly #clock: Clock;
  readonly #replayGuard: ReplayGuard;

  constructor(keys: () => readonly CookieKey[], replayGuard: ReplayGuard, clock: Clock) {
    this.#keys = keys;
    this.#replayGuard = replayGuard;
    this.#clock = clock;
  }

  issue(identity: Identity, endpoint: string): string {
    const { session, sessionUid, subject, tenant, keyId, authenticatedAtMs } = identity;
    const expiresAtMs = this.#clock.now() + HOP_LIFE_MS;
    return this.#sealer(endpoint).seal({ session, sessionUid, subject, tenant, keyId, authenticatedAtMs, expiresAtMs });
  }

  /** The sign-in that a token carries to this endpoint; undefined when it is not valid (any more). */
  redeem(token: string, session: string, endpoint: string): Omit<CookieClaims, "expiresAtMs"> | undefined {
    const claims = this.#sealer(endpoint).open(token, session);
    if (claims === undefined || this.#clock.now() >= claims.expiresAtMs) return undefined;
    return this.#replayGuard.use(token, claims.expiresAtMs) ? claims : undefined;
  }

  #sealer(endpoint: string): CookieSealer {
    return new CookieSealer(this.#keys, `hop ${endpoint}`);
  }
}
