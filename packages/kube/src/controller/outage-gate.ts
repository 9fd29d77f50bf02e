import { backoffMs, type Clock } from "@carrel/std";
import { WakeTimer } from "../workqueue/wake-timer.ts";

/** How often one key tries whether the API server is back: from 0.1 s to 2 s apart. */
const PROBE = { baseMs: 100, maxMs: 2000, jitter: 0.5 };
/** An outage is a new one, with quick probes, when nothing failed for this long. */
const NEW_OUTAGE_MS = 5000;

/**
 * Where keys wait while no connection to the API server can be made. Without it each of them would climb its own
 * back-off and queue for the shared retry rate, and a thousand keys would need minutes after a blip of seconds. Here
 * one of them tries from time to time, and the first answer to anybody lets all go on, as fast as the workers are.
 */
export class OutageGate {
  readonly #clock: Clock;
  readonly #release: (key: string) => void;
  readonly #timer: WakeTimer;
  readonly #waiting = new Set<string>();
  #attempt = 0;
  #lastParkMs = -Infinity;

  /** `release` puts a key back to work; it may come straight back to {@link park}. */
  constructor(clock: Clock, release: (key: string) => void) {
    this.#clock = clock;
    this.#release = release;
    this.#timer = new WakeTimer(clock, () => this.#probe());
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** The reconcile of `key` could not reach the API server. */
  park(key: string): void {
    const nowMs = this.#clock.monotonic();
    if (nowMs - this.#lastParkMs > NEW_OUTAGE_MS) this.#attempt = 0;
    this.#lastParkMs = nowMs;
    this.#waiting.add(key);
    this.#arm();
  }

  /** The reconcile of `key` went as far as an answer, or needed none. */
  passed(key: string): void {
    this.#waiting.delete(key);
    if (this.#waiting.size === 0) return;
    const keys = [...this.#waiting];
    this.#waiting.clear();
    this.#timer.cancel();
    for (const waiting of keys) this.#release(waiting);
  }

  /** Forgets all keys. */
  close(): void {
    this.#waiting.clear();
    this.#timer.cancel();
  }

  #probe(): void {
    const [key] = this.#waiting;
    if (key === undefined) return;
    this.#attempt++;
    this.#waiting.delete(key);
    this.#release(key);
    this.#arm();
  }

  #arm(): void {
    if (this.#waiting.size > 0) this.#timer.arm(this.#clock.monotonic() + backoffMs(this.#attempt, PROBE));
  }
}
