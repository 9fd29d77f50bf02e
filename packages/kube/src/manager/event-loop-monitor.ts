import type { Clock } from "@carrel/std";
import { sleepQuietly } from "../runtime/sleep-quietly.ts";

const SAMPLE_MS = 500;
const SAMPLES = 20;
/** A loop that is this late in each of the last samples serves nobody. */
const DEAD_MS = 2_000;
const DEAD_SAMPLES = 5;

/** Measures how late timers fire: what blocks the event loop delays everything in the process. */
export class EventLoopMonitor {
  readonly #clock: Clock;
  readonly #delaysMs: number[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The longest delay of the last ten seconds. */
  maxDelayMs(): number {
    return Math.max(0, ...this.#delaysMs);
  }

  /** False when the loop is late all the time; one long pause does not make it so. */
  isAlive(): boolean {
    const recent = this.#delaysMs.slice(-DEAD_SAMPLES);
    return recent.length < DEAD_SAMPLES || Math.min(...recent) < DEAD_MS;
  }

  /** Samples until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const startedMs = this.#clock.monotonic();
      await sleepQuietly(this.#clock, SAMPLE_MS, signal);
      if (signal.aborted) return;
      this.#delaysMs.push(Math.max(0, this.#clock.monotonic() - startedMs - SAMPLE_MS));
      if (this.#delaysMs.length > SAMPLES) this.#delaysMs.shift();
    }
  }
}
