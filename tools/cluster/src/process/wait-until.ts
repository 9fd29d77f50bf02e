import { deadlineSignal, systemClock } from "@carrel/std";
import { ClusterError } from "../cluster-error.ts";

/** Options of {@link waitUntil}. */
export interface WaitUntilOptions {
  /** What is waited for, for the error message: "the node is Ready". */
  readonly what: string;
  readonly timeoutMs: number;
  /** Pause between two looks; default 50 ms. */
  readonly everyMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Looks again and again until `look` gives something else than undefined, and returns that. An error of `look`
 * ends the wait: what may fail for a while must say so by undefined.
 * @throws ClusterError `DEADLINE` after `timeoutMs`; the signal's reason when it aborts.
 */
export async function waitUntil<T>(
  look: (signal: AbortSignal) => Promise<T | undefined> | T | undefined,
  options: WaitUntilOptions,
): Promise<T> {
  const { everyMs = 50, timeoutMs, what, signal } = options;
  const late = systemClock.monotonic() + timeoutMs;
  const within = deadlineSignal(timeoutMs, signal);
  for (;;) {
    signal?.throwIfAborted();
    const found = await look(within);
    if (found !== undefined) return found;
    if (systemClock.monotonic() + everyMs > late) {
      throw new ClusterError("DEADLINE", `waited ${timeoutMs / 1000} s, but not so: ${what}`);
    }
    await systemClock.sleep(everyMs, signal);
  }
}
