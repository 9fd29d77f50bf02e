import type { Clock } from "@carrel/std";
import {
  findObject,
  type Informer,
  type KubeClient,
  type KubeObject,
  type ReadonlyStore,
  type Resource,
} from "@carrel/kube";

/** What a {@link ReadThrough} stands on. */
export interface ReadThroughOptions<T extends KubeObject> {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly resource: Resource<T>;
  readonly store: Pick<ReadonlyStore<T>, "get">;
  /** What keeps the store, for {@link ReadThrough.isAbsent}; without it nothing is ever known to be absent. */
  readonly informer?: Pick<Informer<T>, "hasSynced" | "stalenessMs">;
  /** How long an answer of the API server is kept, also that there is no such object; default 1 s. */
  readonly keepMs?: number;
  /** Deadline of a read, default 2 s. */
  readonly timeoutMs?: number;
}

interface Answer<T> {
  readonly untilMs: number;
  readonly object: T | undefined;
}

const MAX_ANSWERS = 1000;
/**
 * A healthy watch is never silent for longer (bookmarks come once a minute, the first within two); an informer gives
 * one up by then.
 */
const MAX_STALENESS_MS = 150_000;

/**
 * A cluster-scoped cache that asks the API server about what it does not have: an object that was made a moment ago is
 * not missing. One read per name at a time, however many wait for it.
 */
export class ReadThrough<T extends KubeObject> {
  readonly #options: ReadThroughOptions<T>;
  readonly #answers = new Map<string, Answer<T>>();
  readonly #reads = new Map<string, Promise<T | undefined>>();

  constructor(options: ReadThroughOptions<T>) {
    this.#options = options;
  }

  /** What the cache has, if it is what is wanted (e.g. has the right UID). */
  cached(name: string, isWanted: (object: T) => boolean = () => true): T | undefined {
    const object = this.#options.store.get(name);
    return object !== undefined && isWanted(object) ? object : undefined;
  }

  /**
   * True when the cache is as good a witness that there is no such object as it is that there is one: it is complete,
   * and its watch lives. What was made since then shows as soon as a change of it would: at once, or 150 s later if the
   * watch has just died.
   */
  isAbsent(name: string): boolean {
    const { store, informer } = this.#options;
    if (informer === undefined || store.get(name) !== undefined) return false;
    return informer.hasSynced() && informer.stalenessMs() <= MAX_STALENESS_MS;
  }

  /**
   * The object, from the cache or read; undefined when the API server has none.
   * @throws StatusError, TransportError when the API server does not say.
   */
  async get(name: string, isWanted: (object: T) => boolean = () => true): Promise<T | undefined> {
    const cached = this.cached(name, isWanted);
    if (cached !== undefined) return cached;
    const answer = this.#answers.get(name);
    if (answer !== undefined && answer.untilMs > this.#options.clock.monotonic()) return answer.object;
    const read = this.#reads.get(name) ?? this.#read(name);
    this.#reads.set(name, read);
    return await read;
  }

  async #read(name: string): Promise<T | undefined> {
    const { client, clock, resource, keepMs = 1000, timeoutMs = 2000 } = this.#options;
    try {
      const object = await findObject(client, resource, name, { timeoutMs });
      if (this.#answers.size >= MAX_ANSWERS) this.#answers.clear();
      this.#answers.set(name, { untilMs: clock.monotonic() + keepMs, object });
      return object;
    } finally {
      this.#reads.delete(name);
    }
  }
}
