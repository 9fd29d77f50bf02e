import { ApiError } from "@carrel/api";
import { backoffMs, CarrelError, type Clock } from "@carrel/std";

/** When a call is given up. */
export interface RetryOptions {
  /** Milliseconds since the epoch. */
  readonly deadlineMs: number;
  /** Longest time for one attempt: what a frozen server can cost. */
  readonly attemptMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly clock: Clock;
  /** Source of randomness in [0,1); default Math.random. */
  readonly random?: () => number;
}

/** One attempt: its answer, or `undefined` to ask again. */
export type Attempt<Answer> = (timeoutMs: number) => Promise<Answer | undefined>;

/** With less time than this left no request is worth sending. */
const SHORTEST_ATTEMPT_MS = 20;
const BACKOFF = { baseMs: 100, maxMs: 2000 };

/**
 * Asks until there is an answer, an error that no retry can cure, or the deadline. Pauses have full jitter and are at
 * least what the other side asked for.
 * @throws the last error when the deadline comes first (ApiError `UNAVAILABLE` if there was none); the signal's reason.
 */
export async function retryUntil<Answer>(attempt: Attempt<Answer>, options: RetryOptions): Promise<Answer> {
  const { deadlineMs, attemptMs, signal, clock, random } = options;
  let last: unknown;
  for (let tries = 0; ; tries++) {
    signal?.throwIfAborted();
    const leftMs = deadlineMs - clock.now();
    if (leftMs < SHORTEST_ATTEMPT_MS) break;
    const startMs = clock.monotonic();
    try {
      const answer = await attempt(Math.min(leftMs, attemptMs));
      if (answer !== undefined) return answer;
      last = undefined;
      // Who answered late has waited for us.
      if (clock.monotonic() - startMs > attemptMs / 2) continue;
    } catch (error) {
      if (!(error instanceof CarrelError) || !error.retryable) throw error;
      last = error;
    }
    const askedMs = last instanceof CarrelError ? (last.retryAfterMs ?? 0) : 0;
    const spareMs = deadlineMs - clock.now() - askedMs;
    if (spareMs < SHORTEST_ATTEMPT_MS) break;
    const jitterMs = backoffMs(tries, { ...BACKOFF, ...(random === undefined ? {} : { random }) });
    // Near the deadline a long pause would waste the last chance.
    await clock.sleep(askedMs + Math.min(jitterMs, spareMs / 2), signal);
  }
  throw last ?? new ApiError("UNAVAILABLE", "no answer before the deadline");
}
