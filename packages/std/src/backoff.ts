/** Exponential back-off: `base`, `base*factor`, … capped at `max`, with full jitter over `jitter` of each step. */
export interface BackoffOptions {
  readonly baseMs: number;
  readonly maxMs: number;
  /** Multiplier per attempt; default 2. */
  readonly factor?: number;
  /** Share of each delay that is random, 0…1; default 1 (full jitter: uniform in 0…delay). */
  readonly jitter?: number;
  /** Source of randomness in [0,1); default Math.random. */
  readonly random?: () => number;
}

/**
 * The delay before retry number `attempt` (0 = the first retry), in milliseconds. Pure but for `random`.
 * Full jitter as in AWS' "Exponential Backoff And Jitter": it spreads a thundering herd best.
 */
export function backoffMs(attempt: number, options: BackoffOptions): number {
  const { baseMs, maxMs, factor = 2, jitter = 1, random = Math.random } = options;
  const full = Math.min(maxMs, baseMs * factor ** Math.min(attempt, 64));
  return full * (1 - jitter) + full * jitter * random();
}
