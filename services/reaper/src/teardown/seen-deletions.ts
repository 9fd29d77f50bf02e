/** How many are kept; what was forgotten is asked of the API server. */
const MAX_KEPT = 20_000;

/**
 * What the watches told this process was deleted, by UIDs, which are never used twice: proof as good as a GET that
 * answers 404. That a cache merely lacks an object proves nothing: it may lag, or have started late.
 */
export class SeenDeletions {
  readonly #uids = new Set<string>();
  readonly #max: number;

  constructor(max = MAX_KEPT) {
    this.#max = max;
  }

  /** Remembers one, and forgets the oldest when there are too many. */
  add(uid: string | undefined): void {
    if (uid === undefined) return;
    this.#uids.add(uid);
    const [oldest] = this.#uids;
    if (this.#uids.size > this.#max && oldest !== undefined) this.#uids.delete(oldest);
  }

  has(uid: string): boolean {
    return this.#uids.has(uid);
  }
}
