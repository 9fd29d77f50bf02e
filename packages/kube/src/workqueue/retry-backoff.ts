import { type BackoffOptions, backoffMs } from "@carrel/std";

/** Counts failures per key and says how long to wait after each. */
export class RetryBackoff<Key> {
  readonly #options: BackoffOptions;
  readonly #failures = new Map<Key, number>();

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** Records one more failure of `key` and returns the delay before its retry, in milliseconds. */
  nextMs(key: Key): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    return backoffMs(failures, this.#options);
  }

  failures(key: Key): number {
    return this.#failures.get(key) ?? 0;
  }

  forget(key: Key): void {
    this.#failures.delete(key);
  }
}
