import { backoffMs } from "@carrel/std";
import type { End } from "./watch-end.ts";

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

/** Says how long to wait after each end. Pure but for its count. */
export class RetryPacer {
  readonly #options: RetryPacerOptions;
  #attempt = 0;

  constructor(options: RetryPacerOptions = RETRY_PACER_DEFAULTS) {
    this.#options = options;
  }

  /** The delay in milliseconds after an attempt that lasted `lastedMs` and ended as `end`. */
  delayMs(end: End, lastedMs: number): number {
    const healthyMs = Math.min(HEALTHY_WATCH_MS, (end.askedForMs ?? Infinity) / 2);
    if (end.reason === "closed" && lastedMs >= healthyMs) {
      this.#attempt = 0;
      return 0;
    }
    if (lastedMs >= this.#options.resetAfterMs) this.#attempt = 0;
    // Watches that are closed soon after each other count as failures: a load balancer that does so must not be
    // answered with a thousand requests a second.
    return Math.max(backoffMs(this.#attempt++, this.#options), end.retryAfterMs ?? 0);
  }
}
