import { deadlineSignal, systemClock } from "@carrel/std";
import { TestkitError } from "./testkit-error.ts";

/** Options of {@link eventually}. */
export interface EventuallyOptions {
  /** When to give up, in milliseconds; default 10 s. */
  readonly timeoutMs?: number;
  /** Pause between two tries, in milliseconds; default 25. */
  readonly everyMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Calls `attempt` again and again until it does not throw, and gives what it returned: write the assertions that
 * must come true into it. `attempt` gets a signal that aborts at the deadline; one that ignores it and hangs is left
 * behind at the deadline all the same.
 * @throws TestkitError `DEADLINE` whose message and cause are the last error; the signal's reason when it aborts.
 */
export async function eventually<T>(
  attempt: (signal: AbortSignal) => T | Promise<T>,
  options: EventuallyOptions = {},
): Promise<T> {
  const { timeoutMs = 10_000, everyMs = 25, signal } = options;
  const deadline = deadlineSignal(timeoutMs, signal);
  const late = systemClock.monotonic() + timeoutMs;
  let tries = 0;
  let last: unknown = new Error("the first try never came to an end");
  do {
    signal?.throwIfAborted();
    // Its timer may fire a little before our own clock says so.
    if (deadline.aborted) break;
    tries++;
    try {
      return await untilAborted(attempt, deadline);
    } catch (error) {
      signal?.throwIfAborted();
      // Cut off by the deadline: the error of the try before says more.
      if (!deadline.aborted || tries === 1 || error !== deadline.reason) last = error;
    }
    await systemClock.sleep(Math.min(everyMs, Math.max(0, late - systemClock.monotonic())), signal);
  } while (systemClock.monotonic() < late);
  const message = last instanceof Error ? last.message : String(last);
  throw new TestkitError("DEADLINE", `not so after ${timeoutMs} ms (${tries} tries); the last error: ${message}`, {
    cause: last,
  });
}

async function untilAborted<T>(attempt: (signal: AbortSignal) => T | Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason as Error);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    signal.throwIfAborted();
    return await Promise.race([attempt(signal), aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    aborted.promise.catch(() => undefined);
  }
}
