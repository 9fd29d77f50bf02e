import type { Session } from "@carrel/api";

interface Waiting {
  readonly accept: (session: Session) => boolean;
  readonly resolve: (session: Session) => void;
}

/** Lets request handlers wait for a Session to reach a state, fed by the Session informer's events. No polling. */
export class SessionWaiter {
  readonly #waiting = new Map<string, Set<Waiting>>();
  readonly #current: (name: string) => Session | undefined;

  /** @param current reads the informer's cache. */
  constructor(current: (name: string) => Session | undefined) {
    this.#current = current;
  }

  /** To be called with each added or changed Session. */
  notify(session: Session): void {
    for (const waiting of this.#waiting.get(session.metadata.name) ?? []) {
      if (waiting.accept(session)) waiting.resolve(session);
    }
  }

  /** The session as soon as `accept` holds, or its last known state when the signal aborts first. Never rejects. */
  until(name: string, accept: (session: Session) => boolean, signal: AbortSignal): Promise<Session | undefined> {
    const current = this.#current(name);
    if (signal.aborted || (current !== undefined && accept(current))) return Promise.resolve(current);
    return new Promise((resolve) => {
      const waiters = this.#waiting.get(name) ?? new Set<Waiting>();
      this.#waiting.set(name, waiters);
      const settle = (session: Session | undefined): void => {
        waiters.delete(waiting);
        if (waiters.size === 0 && this.#waiting.get(name) === waiters) this.#waiting.delete(name);
        signal.removeEventListener("abort", onAbort);
        resolve(session);
      };
      const onAbort = (): void => settle(this.#current(name));
      const waiting: Waiting = { accept, resolve: settle };
      waiters.add(waiting);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }
}
