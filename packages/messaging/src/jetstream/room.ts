/** Places for things that are under way, so that no more are taken than there are places. */
export class Room {
  readonly #places: number;
  #taken = 0;
  #changed = Promise.withResolvers<void>();

  constructor(places: number) {
    this.#places = places;
  }

  get free(): number {
    return this.#places - this.#taken;
  }

  take(): void {
    this.#taken += 1;
  }

  give(): void {
    this.#taken -= 1;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** Resolves when a place is free; at once when one is. Rejects with the signal's reason. */
  async freed(signal: AbortSignal): Promise<void> {
    while (this.free <= 0) await this.#change(signal);
  }

  /** Resolves when nothing is under way any more, or after so many milliseconds. */
  async empty(timeoutMs: number): Promise<void> {
    const late = AbortSignal.timeout(timeoutMs);
    while (this.#taken > 0 && !late.aborted) await this.#change(late).catch(() => undefined);
  }

  async #change(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => aborted.reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await Promise.race([this.#changed.promise, aborted.promise]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }
}
