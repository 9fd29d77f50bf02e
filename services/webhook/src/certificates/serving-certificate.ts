import type { KeyPair } from "./issue-certificate.ts";

/** What the server answers handshakes with. */
export interface Served extends KeyPair {
  /** PEM of the authority that signed it. */
  readonly authority: string;
}

/** The certificate that is served now; whoever serves it hears of each new one. */
export class ServingCertificate {
  readonly #listeners = new Set<(served: Served) => void>();
  readonly #loaded = Promise.withResolvers<void>();
  #current: Served | undefined;

  /** Undefined until the first one is loaded. */
  get current(): Served | undefined {
    return this.#current;
  }

  /** Serves this one from now on; the same one again is no change. */
  load(served: Served): void {
    if (this.#current?.certificate === served.certificate) return;
    this.#current = served;
    this.#loaded.resolve();
    for (const listener of this.#listeners) listener(served);
  }

  /** Calls `listener` for each new certificate until disposed. */
  onChange(listener: (served: Served) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** The first certificate. Rejects with the signal's reason. */
  async loaded(signal: AbortSignal): Promise<Served> {
    signal.throwIfAborted();
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => aborted.reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await Promise.race([this.#loaded.promise, aborted.promise]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
    const current = this.#current;
    if (current === undefined) throw new Error("loaded without a certificate");
    return current;
  }
}
