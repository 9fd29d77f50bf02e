/** Lets everything through, or holds it until it is opened again. */
export class Valve {
  #closed: PromiseWithResolvers<void> | undefined;

  /** Holds what comes from now on. */
  close(): void {
    this.#closed ??= Promise.withResolvers<void>();
  }

  /** Lets everything through that was held. */
  open(): void {
    this.#closed?.resolve();
    this.#closed = undefined;
  }

  /** Resolves while it is open, and at once when `signal` aborts. */
  async pass(signal: AbortSignal): Promise<void> {
    while (this.#closed !== undefined && !signal.aborted) {
      const aborted = Promise.withResolvers<void>();
      const onAbort = (): void => aborted.resolve();
      signal.addEventListener("abort", onAbort, { once: true });
      await Promise.race([this.#closed.promise, aborted.promise]);
      signal.removeEventListener("abort", onAbort);
    }
  }
}
