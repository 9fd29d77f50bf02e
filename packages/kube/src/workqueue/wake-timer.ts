import type { Clock } from "@carrel/std";
import { alarm } from "../runtime/alarm.ts";

/** One timer that can be moved to an earlier time: calls `wake` at the earliest time asked for since the last call. */
export class WakeTimer {
  readonly #clock: Clock;
  readonly #wake: () => void;
  #armed: { readonly atMs: number; readonly alarm: Disposable } | undefined;

  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** Wakes at `atMs` of the clock's monotonic time, or earlier if that was asked for before. */
  arm(atMs: number): void {
    if (this.#armed !== undefined && this.#armed.atMs <= atMs) return;
    this.cancel();
    const ring = (): void => {
      this.#armed = undefined;
      this.#wake();
    };
    this.#armed = { atMs, alarm: alarm(this.#clock, Math.max(0, atMs - this.#clock.monotonic()), ring) };
  }

  cancel(): void {
    this.#armed?.alarm[Symbol.dispose]();
    this.#armed = undefined;
  }
}
