/** A bounded number of slots that are waited for in turn, by a bounded number of waiters. */
export class Slots {
  readonly #maxWaiting: number;
  #free: number;
  readonly #waiting: ((taken: boolean) => void)[] = [];

  constructor(size: number, maxWaiting: number) {
    this.#free = size;
    this.#maxWaiting = maxWaiting;
  }

  /** True once a slot is taken; false at once when too many wait, or when the signal aborts first. */
  async take(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (this.#free > 0) {
      this.#free -= 1;
      return true;
    }
    if (this.#waiting.length >= this.#maxWaiting) return false;
    return await new Promise((resolve) => {
      const onAbort = (): void => {
        const index = this.#waiting.indexOf(wake);
        if (index >= 0) this.#waiting.splice(index, 1);
        resolve(false);
      };
      const wake = (taken: boolean): void => {
        signal.removeEventListener("abort", onAbort);
        resolve(taken);
      };
      this.#waiting.push(wake);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** Gives a taken slot to the next in turn. */
  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next(true);
  }
}
