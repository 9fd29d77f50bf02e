import type { Clock } from "@carrel/std";

interface Sleeper {
  readonly wakesAtMs: number;
  wake(): void;
}

/** A clock that stands still until {@link FakeClock.advance} moves it. `rate` makes it drift against others. */
export class FakeClock implements Clock {
  readonly #rate: number;
  readonly #sleepers = new Set<Sleeper>();
  #elapsedMs = 0;

  constructor(rate = 1) {
    this.#rate = rate;
  }

  now(): number {
    return 1_700_000_000_000 + this.#elapsedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error);
      const onAbort = (): void => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason as Error);
      };
      const sleeper: Sleeper = {
        wakesAtMs: this.#elapsedMs + ms,
        wake: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      if (ms <= 0) return resolve();
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** How many sleeps are under way. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  /** Moves on by `ms` of true time (times the rate on this clock), waking sleepers in order, each with its effects. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#elapsedMs + ms * this.#rate;
    for (;;) {
      await settle();
      const next = [...this.#sleepers].toSorted((a, b) => a.wakesAtMs - b.wakesAtMs)[0];
      if (next === undefined || next.wakesAtMs > endMs) break;
      this.#elapsedMs = Math.max(this.#elapsedMs, next.wakesAtMs);
      this.#sleepers.delete(next);
      next.wake();
    }
    this.#elapsedMs = endMs;
    await settle();
  }
}

/** Lets everything run that waits for promises only. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
