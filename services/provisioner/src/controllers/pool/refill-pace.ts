/** Bounds how fast spares are made, over all pools: a burst at once, then a steady pace. Pure. */
export class RefillPace {
  readonly #perSecond: number;
  readonly #burst: number;
  #left: number;
  #countedAtMs = 0;

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#left = burst;
  }

  /** True when one more may be made now; it then counts. */
  take(nowMs: number): boolean {
    const earned = (Math.max(0, nowMs - this.#countedAtMs) / 1000) * this.#perSecond;
    this.#left = Math.min(this.#burst, this.#left + earned);
    this.#countedAtMs = nowMs;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
