/**
 * Time as a dependency, so that every wait in Carrel can be tested and cancelled.
 *
 * `node:timers/promises` cannot be mocked when imported by name, and `setTimeout` fires at once for a delay above
 * 2^31-1 ms: both are why what waits takes a clock.
 */
export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch (UTC). May jump. */
  now(): number;
  /** Milliseconds since an arbitrary origin; never goes back, does not jump with the wall clock. */
  monotonic(): number;
  /** Resolves after `ms` (any length); rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The longest delay a Node.js timer takes (int32). */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    const end = performance.now() + ms;
    // At least one turn of the event loop, also for nothing: who sleeps 0 ms in a loop must not starve everybody else.
    let left = ms;
    do {
      await timer(Math.min(Math.max(0, left), MAX_TIMER_MS), signal);
      left = end - performance.now();
    } while (left > 0);
  },
};

function timer(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason as Error);
    const onAbort = (): void => {
      clearTimeout(handle);
      reject(signal?.reason as Error);
    };
    const handle = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
