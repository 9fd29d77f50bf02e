import type { Session } from "@carrel/api";

/**
 * Sessions that this replica is creating and its cache does not show yet: without them, requests that arrive together
 * would all see the same count below the cap.
 */
export class CapReservations {
  readonly #creating = new Map<string, Session>();

  /** The sessions that count against caps: those in the cache, and those on their way. */
  countedWith(cached: readonly Session[]): readonly Session[] {
    if (this.#creating.size === 0) return cached;
    const known = new Set(cached.map(({ metadata }) => metadata.name));
    return [...cached, ...[...this.#creating.values()].filter(({ metadata }) => !known.has(metadata.name))];
  }

  /** Reserves a place, in the tick of the check. Dispose the result when the cache shows the session or it failed. */
  reserve(session: Session): Disposable {
    const { name } = session.metadata;
    if (this.#creating.has(name)) return { [Symbol.dispose]: () => undefined };
    this.#creating.set(name, session);
    return { [Symbol.dispose]: () => void this.#creating.delete(name) };
  }
}
