import type { Clock } from "@carrel/std";
import { LinkedSignal } from "../runtime/linked-signal.ts";
import { sleepQuietly } from "../runtime/sleep-quietly.ts";

/** Aborts its signal when {@link restart} was not called for too long, or with its parent. */
export class SilenceLimit implements Disposable {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #link: LinkedSignal;
  readonly #stop = new AbortController();
  #lastMs: number;
  exceeded = false;

  constructor(clock: Clock, limitMs: number, parent: AbortSignal) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#link = new LinkedSignal(parent);
    this.#lastMs = clock.monotonic();
    void this.#guard();
  }

  get signal(): AbortSignal {
    return this.#link.signal;
  }

  restart(): void {
    this.#lastMs = this.#clock.monotonic();
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
    this.#link[Symbol.dispose]();
  }

  async #guard(): Promise<void> {
    for (;;) {
      const leftMs = this.#lastMs + this.#limitMs - this.#clock.monotonic();
      if (leftMs <= 0) break;
      await sleepQuietly(this.#clock, leftMs, this.#stop.signal);
      if (this.#stop.signal.aborted) return;
    }
    this.exceeded = true;
    this.#link.abort(new DOMException("silent for too long", "TimeoutError"));
  }
}
