/** Limits of a {@link FairQueue}; every one is at least 1. */
export interface FairQueueLimits {
  readonly maxRunning: number;
  readonly maxRunningPerKey: number;
  readonly maxWaiting: number;
  readonly maxWaitingPerKey: number;
}

/** What waits or runs. */
export interface Entry {
  readonly key: string;
  /** Called at most once, when its turn comes. */
  readonly start: () => void;
}

/**
 * Bounded concurrency that is fair between keys: whoever waits is served in turns, key by key, so that one key's
 * thousand requests do not hold up another key's one. No I/O, no clock.
 */
export class FairQueue {
  readonly #limits: FairQueueLimits;
  readonly #running = new Map<string, number>();
  /** In the order of turns: who was served goes to the end. */
  readonly #waiting = new Map<string, Set<Entry>>();
  #runningTotal = 0;
  #waitingTotal = 0;

  constructor(limits: FairQueueLimits) {
    this.#limits = limits;
  }

  get running(): number {
    return this.#runningTotal;
  }

  get waiting(): number {
    return this.#waitingTotal;
  }

  /** Starts the entry now, or lets it wait; false when there is no room to wait. */
  enter(entry: Entry): boolean {
    const { maxRunning, maxWaiting, maxWaitingPerKey } = this.#limits;
    const waiting = this.#waiting.get(entry.key);
    if (waiting === undefined && this.#runningTotal < maxRunning && this.#mayRun(entry.key)) {
      this.#start(entry);
      return true;
    }
    if (this.#waitingTotal >= maxWaiting || (waiting?.size ?? 0) >= maxWaitingPerKey) return false;
    if (waiting === undefined) this.#waiting.set(entry.key, new Set([entry]));
    else waiting.add(entry);
    this.#waitingTotal += 1;
    return true;
  }

  /** Says that a started entry has ended: the next one starts. */
  leave(entry: Entry): void {
    const count = (this.#running.get(entry.key) ?? 0) - 1;
    if (count > 0) this.#running.set(entry.key, count);
    else this.#running.delete(entry.key);
    this.#runningTotal -= 1;
    this.#startNext();
  }

  /** Takes back an entry that waits; false when it does not wait (any more). */
  remove(entry: Entry): boolean {
    const waiting = this.#waiting.get(entry.key);
    if (waiting?.delete(entry) !== true) return false;
    if (waiting.size === 0) this.#waiting.delete(entry.key);
    this.#waitingTotal -= 1;
    return true;
  }

  #startNext(): void {
    for (const [key, entries] of this.#waiting) {
      if (this.#runningTotal >= this.#limits.maxRunning) return;
      const [next] = entries;
      if (next === undefined || !this.#mayRun(key)) continue;
      this.remove(next);
      if (this.#waiting.delete(key)) this.#waiting.set(key, entries);
      this.#start(next);
    }
  }

  #mayRun(key: string): boolean {
    return (this.#running.get(key) ?? 0) < this.#limits.maxRunningPerKey;
  }

  #start(entry: Entry): void {
    this.#running.set(entry.key, (this.#running.get(entry.key) ?? 0) + 1);
    this.#runningTotal += 1;
    entry.start();
  }
}
