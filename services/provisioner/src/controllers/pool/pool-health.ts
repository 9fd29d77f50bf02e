import { backoffMs } from "@carrel/std";

/** Spares that may fail in a row before the pool stops to try others. */
export const FAILURES_TO_PAUSE = 3;
const RETRY = { baseMs: 30_000, maxMs: 600_000, jitter: 0 };

/**
 * How a pool does: after failures in a row it pauses, then tries one spare at a time, each time later, until one
 * becomes ready or the template changes. Kept in memory: a new leader finds out anew.
 */
export class PoolHealth {
  #lane = "";
  #failures = 0;
  #lastFailureMs = 0;
  #cause = "";

  /** The template is now this; what its older generations did counts no more. */
  follow(lane: string): void {
    if (this.#lane === lane) return;
    this.#lane = lane;
    this.#failures = 0;
  }

  failed(lane: string, cause: string, nowMs: number): void {
    if (lane !== this.#lane) return;
    this.#failures += 1;
    this.#lastFailureMs = nowMs;
    this.#cause = cause;
  }

  /** A spare became ready at this instant. */
  succeeded(lane: string, atMs: number): void {
    if (lane === this.#lane && atMs >= this.#lastFailureMs) this.#failures = 0;
  }

  /** Set while the pool is paused: since how many failures, why, and when the next is tried. */
  get pause(): { readonly failures: number; readonly cause: string; readonly atMs: number } | undefined {
    if (this.#failures < FAILURES_TO_PAUSE) return undefined;
    const atMs = this.#lastFailureMs + backoffMs(this.#failures - FAILURES_TO_PAUSE, RETRY);
    return { failures: this.#failures, cause: this.#cause, atMs };
  }
}
