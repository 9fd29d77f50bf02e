import { CarrelError, type Clock } from "@carrel/std";
import type { RouteSource } from "../routing/route-source.ts";

export interface HoldingOptions {
  readonly routes: RouteSource;
  readonly clock: Clock;
  readonly maxPerSession: number;
}

/** Requests that wait until something changes about their session. */
export class Holding implements Disposable {
  readonly #options: HoldingOptions;
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #unsubscribe: () => void;
  readonly #stopped = new AbortController();
  #size = 0;

  constructor(options: HoldingOptions) {
    this.#options = options;
    this.#unsubscribe = options.routes.subscribe((session) => {
      for (const wake of this.#waiting.get(session) ?? []) wake();
    });
  }

  /** Requests that wait now. */
  get size(): number {
    return this.#size;
  }

  /**
   * Resolves with true when the route of the session changes, with false after `ms`, when the client has gone, when the
   * process stops, or at once when too many wait already.
   */
  async wait(session: string, ms: number, signal: AbortSignal): Promise<boolean> {
    const waiting = this.#waiting.get(session) ?? new Set();
    if (waiting.size >= this.#options.maxPerSession || signal.aborted || this.#stopped.signal.aborted) return false;
    this.#waiting.set(session, waiting);
    const woken = new AbortController();
    const wake = (): void => woken.abort(new CarrelError("CHANGED", "the route has changed"));
    waiting.add(wake);
    this.#size += 1;
    try {
      await this.#options.clock.sleep(ms, AbortSignal.any([woken.signal, signal, this.#stopped.signal]));
      return false;
    } catch {
      return woken.signal.aborted;
    } finally {
      this.#size -= 1;
      waiting.delete(wake);
      if (waiting.size === 0) this.#waiting.delete(session);
    }
  }

  /** Sends everybody away; nobody waits from now on. */
  [Symbol.dispose](): void {
    this.#stopped.abort(new CarrelError("STOPPED", "the proxy stops"));
    this.#unsubscribe();
  }
}
