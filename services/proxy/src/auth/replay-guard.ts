import type { Clock } from "@carrel/std";

/** Most ids that are remembered at once: 100,000 sign-ins per minute and replica. */
const MAX_REMEMBERED = 100_000;

/**
 * Remembers the ids of exchange tokens until they expire, so that each buys one sign-in at this replica. Another
 * replica does not know: an exchange token therefore lives for at most a minute.
 */
export class ReplayGuard {
  readonly #clock: Clock;
  /** Id → when it may be forgotten. All ids live about equally long, so the oldest stands first. */
  readonly #seen = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * True the first time. `forgetAtMs` is when the token has expired for certain, leeway included. When there is no room
   * the answer is false: refusing a sign-in is better than allowing it twice.
   */
  use(id: string, forgetAtMs: number): boolean {
    this.#forget();
    if (this.#seen.has(id) || this.#seen.size >= MAX_REMEMBERED) return false;
    this.#seen.set(id, forgetAtMs);
    return true;
  }

  #forget(): void {
    const now = this.#clock.now();
    for (const [id, forgetAtMs] of this.#seen) {
      if (forgetAtMs > now) return;
      this.#seen.delete(id);
    }
  }
}
