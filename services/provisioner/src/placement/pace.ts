/** Bounds how often something is done: a burst at once, then a steady pace. Pure. */
export class Pace {
  readonly #perSecond: number;
  readonly #burst: number;
  #left: number;
  #countedAtMs = 0;

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#left = burst;
  }

  /** True when it may be done once more now; it then counts. */
  take(nowMs: number): boolean {
    const earned = (Math.max(0, nowMs - this.#countedAtMs) / 1000) * this.#perSecond;
    this.#left = Math.min(this.#burst, this.#left + earned);
    this.#countedAtMs = nowMs;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
