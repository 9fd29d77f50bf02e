import type { BackoffOptions, Clock } from "@carrel/std";
import type { RuntimeMetrics } from "../runtime/metrics.ts";
import type { TokenBucketOptions } from "./token-bucket.ts";

/** How a {@link WorkQueue} is set up. */
export interface WorkQueueOptions {
  /** Label of its metrics; the controller's name. */
  readonly name: string;
  readonly clock?: Clock;
  readonly metrics?: RuntimeMetrics;
  /** Most keys in the queue, counting ready, held and delayed ones; default 100,000. */
  readonly limit?: number;
  /** Delay of a key's n-th retry; default 5 ms, doubled up to 60 s, a fifth of it random. */
  readonly backoff?: BackoffOptions;
  /** Rate of the retries of all keys together; default 10/s with a burst of 100. First adds are never limited. */
  readonly retryRate?: TokenBucketOptions;
  /** A new key was refused because the queue is at its limit. The owner must add all keys again later. */
  readonly onOverflow?: () => void;
}

export const WORK_QUEUE_DEFAULTS = {
  limit: 100_000,
  backoff: { baseMs: 5, maxMs: 60_000, jitter: 0.2 },
  retryRate: { perSecond: 10, burst: 100 },
} as const;
