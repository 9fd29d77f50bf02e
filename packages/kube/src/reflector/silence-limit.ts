import type { Clock } from "@carrel/std";
import { sleepQuietly } from "../runtime/sleep-quietly.ts";

/** Calls `onExceeded` once when {@link restart} was not called for `limitMs`, unless disposed before. */
export class SilenceLimit implements Disposable {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #onExceeded: () => void;
  readonly #stop = new AbortController();
  #lastMs: number;

  constructor(clock: Clock, limitMs: number, onExceeded: () => void) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#onExceeded = onExceeded;
    this.#lastMs = clock.monotonic();
    void this.#guard();
  }

  /** Cheap: moves no timer. */
  restart(): void {
    this.#lastMs = this.#clock.monotonic();
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  async #guard(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const leftMs = this.#lastMs + this.#limitMs - this.#clock.monotonic();
      if (leftMs <= 0) return this.#onExceeded();
      await sleepQuietly(this.#clock, leftMs, this.#stop.signal);
    }
  }
}
