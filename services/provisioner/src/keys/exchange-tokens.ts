import { mintToken, type SigningKey } from "@carrel/auth";
import type { Session } from "@carrel/api";
import type { Clock } from "@carrel/std";

/** How long the token in a login URL may be redeemed. */
const EXCHANGE_TTL_MS = 60_000;

/** Mints the token that a browser brings once in a session's URL. */
export class ExchangeTokens {
  readonly #key: SigningKey;
  readonly #issuer: string;
  readonly #clock: Clock;

  constructor(options: { readonly key: SigningKey; readonly issuer: string; readonly clock: Clock }) {
    this.#key = options.key;
    this.#issuer = options.issuer;
    this.#clock = options.clock;
  }

  mint(session: Session): Promise<string> {
    return mintToken(this.#key, {
      use: "exchange",
      issuer: this.#issuer,
      session: session.metadata.name,
      sessionUid: session.metadata.uid ?? "",
      subject: session.spec.user.id,
      tenant: session.spec.tenant,
      ttlMs: EXCHANGE_TTL_MS,
      clock: this.#clock,
    });
  }
}
