import { backoffMs } from "@carrel/std";
import { type End, needsRelist } from "./watch-end.ts";

/** When a reflector tries again. Delays as in client-go's reflector, with full jitter. */
export interface RetryPacerOptions {
  readonly baseMs: number;
  readonly maxMs: number;
  /** The back-off starts anew after this long without a failure. */
  readonly resetAfterMs: number;
  readonly random?: () => number;
}

export const RETRY_PACER_DEFAULTS: RetryPacerOptions = { baseMs: 800, maxMs: 30_000, resetAfterMs: 120_000 };

/** A watch that the server closed in order is followed by the next one at once if it lasted this long. */
const HEALTHY_WATCH_MS = 10_000;

/**
 * Says how long to wait after each end. Pure but for its counts.
 *
 * Two counts, because a server that comes back from an outage answers 410: that is no reason to let the cache be blind
 * for as long as the outage has taught us to wait.
 */
export class RetryPacer {
  readonly #options: RetryPacerOptions;
  #failures = 0;
  #relists = 0;

  constructor(options: RetryPacerOptions = RETRY_PACER_DEFAULTS) {
    this.#options = options;
  }

  /** The delay in milliseconds after an attempt that lasted `lastedMs` and ended as `end`. */
  delayMs(end: End, lastedMs: number): number {
    const healthyMs = Math.min(HEALTHY_WATCH_MS, (end.askedForMs ?? Infinity) / 2);
    if (lastedMs >= this.#options.resetAfterMs) this.#failures = this.#relists = 0;
    if (end.reason === "closed" && lastedMs >= healthyMs) {
      this.#failures = this.#relists = 0;
      return 0;
    }
    // Watches that are closed soon after each other count as failures: a load balancer that does so must not be
    // answered with a thousand requests a second.
    const attempt = needsRelist(end.reason) ? this.#relists++ : this.#failures++;
    // Attempts start a back-off apart, so one that lasted is followed sooner; but never all watches of a fleet at once.
    const delayMs = Math.max(backoffMs(0, this.#options), backoffMs(attempt, this.#options) - lastedMs);
    return Math.max(delayMs, end.retryAfterMs ?? 0);
  }
}
