import { PRIORITIES, type Priority } from "./priority.ts";

/** Every n-th key comes from the least urgent line that has one, so that a flood above never starves it. */
const LOWEST_FIRST_EVERY = 16;

/** First in, first out per priority; a key stands in one line at most. All operations are O(1) amortised. */
export class ReadyLine<Key> {
  readonly #lines: Readonly<Record<Priority, Line<Key>>> = { high: new Line(), normal: new Line(), low: new Line() };
  #taken = 0;

  get size(): number {
    return PRIORITIES.reduce((sum, priority) => sum + this.#lines[priority].size, 0);
  }

  push(key: Key, priority: Priority): void {
    this.#lines[priority].push(key);
  }

  remove(key: Key, priority: Priority): void {
    this.#lines[priority].remove(key);
  }

  /** The next key, or undefined when there is none. */
  take(): Key | undefined {
    const fromBelow = ++this.#taken % LOWEST_FIRST_EVERY === 0;
    for (const priority of fromBelow ? PRIORITIES.toReversed() : PRIORITIES) {
      const line = this.#lines[priority];
      if (line.size > 0) return line.take();
    }
    return undefined;
  }

  clear(): void {
    for (const priority of PRIORITIES) this.#lines[priority].clear();
  }
}

class Line<Key> {
  readonly #keys = new Set<Key>();
  // A fresh iterator would walk over the holes of all keys taken before; a kept one starts where it stopped.
  #head = this.#keys.values();

  get size(): number {
    return this.#keys.size;
  }

  push(key: Key): void {
    this.#keys.add(key);
  }

  remove(key: Key): void {
    this.#keys.delete(key);
  }

  take(): Key | undefined {
    let next = this.#head.next();
    if (next.done === true) {
      // A finished iterator stays finished whatever is added later.
      this.#head = this.#keys.values();
      next = this.#head.next();
    }
    if (next.done === true) return undefined;
    this.#keys.delete(next.value);
    return next.value;
  }

  clear(): void {
    this.#keys.clear();
    this.#head = this.#keys.values();
  }
}
