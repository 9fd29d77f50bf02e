/** How far back starts count: an estimate should follow a cluster that has become slower or faster. */
const WINDOW_MS = 5 * 60_000;
/** Starts that are remembered. */
const MAX_STARTS = 256;
/** Fewer tell nothing. */
const LEAST_STARTS = 3;

/** How fast those who wait get their places, by the starts of the last minutes. Pure. */
export class StartRate {
  #starts: number[] = [];

  /** Somebody who waited has got a place. */
  started(nowMs: number): void {
    this.#starts.push(nowMs);
    if (this.#starts.length > MAX_STARTS) this.#starts.shift();
  }

  /** Nobody waits any more: the pace of another rush says nothing about the next. */
  reset(): void {
    this.#starts = [];
  }

  /** How long each place takes, in milliseconds, or `undefined` while too little is known. */
  msPerStart(nowMs: number): number | undefined {
    const recent = this.#starts.filter((atMs) => nowMs - atMs <= WINDOW_MS);
    const [first] = recent;
    if (first === undefined || recent.length < LEAST_STARTS) return undefined;
    // Up to now, not to the last start: when no place becomes free any more the estimate must grow.
    return Math.max(1, nowMs - first) / (recent.length - 1);
  }
}
