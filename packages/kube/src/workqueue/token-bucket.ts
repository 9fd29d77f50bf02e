/** How fast a {@link TokenBucket} fills. */
export interface TokenBucketOptions {
  readonly perSecond: number;
  readonly burst: number;
}

/** Hands out reservations: one at once while there are tokens, later ones `1/perSecond` apart. */
export class TokenBucket {
  readonly #options: TokenBucketOptions;
  #tokens: number;
  #filledAtMs: number;

  constructor(options: TokenBucketOptions, nowMs: number) {
    this.#options = options;
    this.#tokens = options.burst;
    this.#filledAtMs = nowMs;
  }

  /** Takes a token and returns how long to wait for it, in milliseconds; 0 when there was one. */
  reserveMs(nowMs: number): number {
    const { perSecond, burst } = this.#options;
    const filled = this.#tokens + ((nowMs - this.#filledAtMs) / 1000) * perSecond;
    this.#tokens = Math.min(burst, filled) - 1;
    this.#filledAtMs = nowMs;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / perSecond) * 1000;
  }
}
