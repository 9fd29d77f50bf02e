/** A key and when it is due, in milliseconds of a monotonic clock. */
export interface Due<Key> {
  readonly key: Key;
  readonly atMs: number;
}

/** A binary heap of keys by due time. A key is in it once; adding it again keeps the earlier time. */
export class DueHeap<Key> {
  readonly #heap: Due<Key>[] = [];
  readonly #positions = new Map<Key, number>();

  get size(): number {
    return this.#heap.length;
  }

  /** The earliest, which stays in the heap. */
  peek(): Due<Key> | undefined {
    return this.#heap[0];
  }

  has(key: Key): boolean {
    return this.#positions.has(key);
  }

  /** True when the key is now due earlier than before (or was not in the heap). */
  add(key: Key, atMs: number): boolean {
    const position = this.#positions.get(key);
    if (position === undefined) {
      this.#rise(this.#heap.length, { key, atMs });
      return true;
    }
    if (this.#at(position).atMs <= atMs) return false;
    this.#rise(position, { key, atMs });
    return true;
  }

  /** Takes out the earliest key if it is due at `nowMs`. */
  takeDue(nowMs: number): Key | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.atMs > nowMs) return undefined;
    this.#positions.delete(first.key);
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) this.#sink(0, last);
    return first.key;
  }

  clear(): void {
    this.#heap.length = 0;
    this.#positions.clear();
  }

  #rise(from: number, due: Due<Key>): void {
    let position = from;
    while (position > 0) {
      const parent = (position - 1) >> 1;
      const above = this.#at(parent);
      if (above.atMs <= due.atMs) break;
      this.#put(position, above);
      position = parent;
    }
    this.#put(position, due);
  }

  #sink(from: number, due: Due<Key>): void {
    let position = from;
    for (;;) {
      let child = 2 * position + 1;
      if (child >= this.#heap.length) break;
      if (child + 1 < this.#heap.length && this.#at(child + 1).atMs < this.#at(child).atMs) child++;
      const below = this.#at(child);
      if (below.atMs >= due.atMs) break;
      this.#put(position, below);
      position = child;
    }
    this.#put(position, due);
  }

  #put(position: number, due: Due<Key>): void {
    this.#heap[position] = due;
    this.#positions.set(due.key, position);
  }

  #at(position: number): Due<Key> {
    const due = this.#heap[position];
    if (due === undefined) throw new RangeError(`no heap position ${position}`);
    return due;
  }
}
