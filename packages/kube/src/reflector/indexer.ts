/** The values under which an object is found; none: not in this index. Pure. */
export type IndexFunction<T> = (object: T) => readonly string[];

/** One named index: value → keys of objects. Kept by {@link Store}. */
export class Indexer<T> {
  readonly valuesOf: IndexFunction<T>;
  readonly #keys = new Map<string, Set<string>>();
  readonly #values = new Map<string, readonly string[]>();

  constructor(valuesOf: IndexFunction<T>) {
    this.valuesOf = valuesOf;
  }

  /** Keys with this value, in no particular order. */
  keys(value: string): Iterable<string> {
    return this.#keys.get(value) ?? [];
  }

  /** @throws what the index function throws; the index then has no entry for the key. */
  set(key: string, object: T): void {
    this.remove(key);
    const values = this.valuesOf(object);
    if (values.length === 0) return;
    this.#values.set(key, values);
    for (const value of values) {
      const keys = this.#keys.get(value);
      if (keys === undefined) this.#keys.set(value, new Set([key]));
      else keys.add(key);
    }
  }

  remove(key: string): void {
    for (const value of this.#values.get(key) ?? []) {
      const keys = this.#keys.get(value);
      keys?.delete(key);
      if (keys?.size === 0) this.#keys.delete(value);
    }
    this.#values.delete(key);
  }
}
