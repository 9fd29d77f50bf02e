import type { Clock } from "@carrel/std";
import { LRUCache } from "lru-cache";

export interface TokenBucketsOptions {
  /** Tokens per second. */
  readonly ratePerSecond: number;
  /** Tokens that may be saved up. */
  readonly burst: number;
  /** Keys that are remembered; the least recently used one is forgotten (and starts with a full bucket again). */
  readonly maxKeys: number;
  readonly clock: Clock;
}

/** A rate limit per key. */
export class TokenBuckets {
  readonly #options: TokenBucketsOptions;
  readonly #buckets: LRUCache<string, { tokens: number; atMs: number }>;

  constructor(options: TokenBucketsOptions) {
    this.#options = options;
    this.#buckets = new LRUCache({ max: options.maxKeys });
  }

  /** Takes a token; false when the key has none left. */
  take(key: string): boolean {
    const bucket = this.#refilled(key);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  /** True when the key has no token left; takes none. */
  isEmpty(key: string): boolean {
    return this.#buckets.has(key) && this.#refilled(key).tokens < 1;
  }

  #refilled(key: string): { tokens: number; atMs: number } {
    const { ratePerSecond, burst, clock } = this.#options;
    const nowMs = clock.monotonic();
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      const full = { tokens: burst, atMs: nowMs };
      this.#buckets.set(key, full);
      return full;
    }
    bucket.tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * ratePerSecond);
    bucket.atMs = nowMs;
    return bucket;
  }
}
