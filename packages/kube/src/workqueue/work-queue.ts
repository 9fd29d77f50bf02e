import { CarrelError, type Clock, systemClock } from "@carrel/std";
import { createRuntimeMetrics, type RuntimeMetrics } from "../runtime/metrics.ts";
import { observeGauge } from "../runtime/observe-gauge.ts";
import { until } from "../runtime/until.ts";
import { DueHeap } from "./due-heap.ts";
import { moreUrgent, type Priority } from "./priority.ts";
import { ReadyLine } from "./ready-line.ts";
import { RetryBackoff } from "./retry-backoff.ts";
import { TokenBucket } from "./token-bucket.ts";
import { WakeTimer } from "./wake-timer.ts";
import { WORK_QUEUE_DEFAULTS, type WorkQueueOptions } from "./work-queue-options.ts";

/** What the queue knows of a key. A key without any of the three states is not in the queue. */
interface Entry {
  /** Wanted: to be handed out now, or after the present holder is done. */
  dirty: boolean;
  /** Held by a worker. */
  held: boolean;
  /** Waits in the heap of delayed keys; the value is the priority it will have. */
  delayed: Priority | undefined;
  priority: Priority;
  /** Monotonic time since when it is ready, or held. */
  sinceMs: number;
}

/**
 * Which keys want work. The contract of client-go's work queue:
 *
 * - A key that was added is handed out at least once after the add; any number of adds before that count as one.
 * - No key is held by two workers. One that is added while held is handed out again after {@link done}.
 * - Delayed adds: the earliest due time wins. An immediate add leaves a delayed one standing.
 * - Failures: {@link addRateLimited} waits for the key's own back-off and for a rate that all retries share.
 * - The queue is bounded by the number of distinct keys. A key that is in it already is never refused.
 */
export class WorkQueue<Key extends NonNullable<unknown> = string> {
  readonly name: string;
  readonly #clock: Clock;
  readonly #metrics: RuntimeMetrics;
  readonly #gauges: readonly Disposable[];
  readonly #limit: number;
  readonly #onOverflow: (() => void) | undefined;
  readonly #entries = new Map<Key, Entry>();
  readonly #ready = new ReadyLine<Key>();
  readonly #delayed = new DueHeap<Key>();
  readonly #timer: WakeTimer;
  readonly #backoff: RetryBackoff<Key>;
  readonly #retryRate: TokenBucket;
  readonly #waiters = new Set<(key: Key | undefined) => void>();
  readonly #drained = Promise.withResolvers<void>();
  #held = 0;
  #closed: "drain" | "discard" | undefined;

  constructor(options: WorkQueueOptions) {
    this.name = options.name;
    this.#clock = options.clock ?? systemClock;
    this.#metrics = options.metrics ?? createRuntimeMetrics();
    this.#limit = options.limit ?? WORK_QUEUE_DEFAULTS.limit;
    this.#onOverflow = options.onOverflow;
    this.#backoff = new RetryBackoff(options.backoff ?? WORK_QUEUE_DEFAULTS.backoff);
    this.#retryRate = new TokenBucket(options.retryRate ?? WORK_QUEUE_DEFAULTS.retryRate, this.#clock.monotonic());
    this.#timer = new WakeTimer(this.#clock, () => this.#promoteDue());
    const labels = { queue: this.name };
    this.#metrics.queueDropped.add(0, labels);
    this.#metrics.queueRetries.add(0, labels);
    this.#gauges = [
      observeGauge(this.#metrics.queueDepth, labels, () => this.#ready.size),
      observeGauge(this.#metrics.queueDelayed, labels, () => this.#delayed.size),
    ];
  }

  /** Keys that are ready and not held. */
  get depth(): number {
    return this.#ready.size;
  }

  /** Distinct keys in the queue: ready, held or delayed. */
  get size(): number {
    return this.#entries.size;
  }

  /** Wants `key` to be handed out. A key that waits already keeps its place, unless this priority is higher. */
  add(key: Key, priority: Priority = "normal"): void {
    const entry = this.#entryFor(key, priority);
    if (entry === undefined) return;
    if (entry.dirty) return this.#raise(key, entry, priority);
    entry.dirty = true;
    entry.priority = priority;
    this.#metrics.queueAdds.add(1, { queue: this.name, priority });
    if (!entry.held) this.#makeReady(key, entry);
  }

  /** Wants `key` to be handed out once `delayMs` have passed, or earlier if that was asked for. */
  addAfter(key: Key, delayMs: number, priority: Priority = "normal"): void {
    if (!(delayMs > 0)) return this.add(key, priority);
    const entry = this.#entryFor(key, priority);
    if (entry === undefined) return;
    entry.delayed = entry.delayed === undefined ? priority : moreUrgent(entry.delayed, priority);
    const dueMs = this.#clock.monotonic() + delayMs;
    if (this.#delayed.add(key, dueMs) && this.#delayed.peek()?.key === key) this.#timer.arm(dueMs);
  }

  /** Adds `key` after its next back-off, at the shared rate, and not before `atLeastMs`. Returns the delay. */
  addRateLimited(key: Key, atLeastMs = 0): number {
    const rateMs = this.#retryRate.reserveMs(this.#clock.monotonic());
    const delayMs = Math.max(this.#backoff.nextMs(key), rateMs, atLeastMs);
    this.#metrics.queueRetries.add(1, { queue: this.name });
    this.addAfter(key, delayMs, this.#entries.get(key)?.priority ?? "normal");
    return delayMs;
  }

  /** The key has succeeded: its next failure starts the back-off anew. */
  forget(key: Key): void {
    this.#backoff.forget(key);
  }

  /** Failures of `key` since it was last forgotten. */
  failures(key: Key): number {
    return this.#backoff.failures(key);
  }

  /**
   * Waits for a key and holds it; {@link done} must follow. Undefined: the queue is shut down, nothing is left.
   * Rejects with the signal's reason; a key is never lost by that.
   */
  get(signal?: AbortSignal): Promise<Key | undefined> {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    if (this.#ready.size > 0 || this.#closed !== undefined) return Promise.resolve(this.#take());
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiters.delete(waiter);
        reject(signal?.reason as Error);
      };
      const waiter = (key: Key | undefined): void => {
        signal?.removeEventListener("abort", onAbort);
        resolve(key);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  /** The worker lets go of `key`. @throws CarrelError `QUEUE_NOT_HELD` when nobody holds it: a bug of the caller. */
  done(key: Key): void {
    const entry = this.#entries.get(key);
    if (entry?.held !== true) throw new CarrelError("QUEUE_NOT_HELD", "done() for a key that no worker holds");
    this.#metrics.queueWork.record((this.#clock.monotonic() - entry.sinceMs) / 1000, { queue: this.name });
    entry.held = false;
    this.#held--;
    if (entry.dirty) this.#makeReady(key, entry);
    else this.#dropIfIdle(key, entry);
    this.#settleDrain();
  }

  /**
   * Takes no more keys. `drain` still hands out what is ready; `discard` drops it. Delayed keys are dropped in both:
   * whoever reads the objects next derives them again.
   */
  shutdown(mode: "drain" | "discard" = "drain"): void {
    if (this.#closed === "discard") return;
    this.#closed = mode;
    this.#timer.cancel();
    this.#delayed.clear();
    if (mode === "discard") this.#ready.clear();
    for (const [key, entry] of this.#entries) {
      entry.delayed = undefined;
      if (mode === "discard") entry.dirty = false;
      this.#dropIfIdle(key, entry);
    }
    for (const waiter of this.#waiters) waiter(this.#take());
    this.#waiters.clear();
    for (const gauge of this.#gauges) gauge[Symbol.dispose]();
    this.#settleDrain();
  }

  /** Resolves once the queue is shut down and no key is ready or held. */
  drained(signal?: AbortSignal): Promise<void> {
    return until(this.#drained.promise, signal);
  }

  #entryFor(key: Key, priority: Priority): Entry | undefined {
    if (this.#closed !== undefined) return undefined;
    const found = this.#entries.get(key);
    if (found !== undefined) return found;
    if (this.#entries.size >= this.#limit) {
      this.#metrics.queueDropped.add(1, { queue: this.name });
      this.#onOverflow?.();
      return undefined;
    }
    const entry: Entry = { dirty: false, held: false, delayed: undefined, priority, sinceMs: 0 };
    this.#entries.set(key, entry);
    return entry;
  }

  #raise(key: Key, entry: Entry, priority: Priority): void {
    const raised = moreUrgent(priority, entry.priority);
    if (raised === entry.priority) return;
    if (!entry.held) {
      this.#ready.remove(key, entry.priority);
      this.#ready.push(key, raised);
    }
    entry.priority = raised;
  }

  #makeReady(key: Key, entry: Entry): void {
    entry.sinceMs = this.#clock.monotonic();
    this.#ready.push(key, entry.priority);
    const [waiter] = this.#waiters;
    if (waiter === undefined) return;
    this.#waiters.delete(waiter);
    waiter(this.#take());
  }

  #take(): Key | undefined {
    const key = this.#ready.take();
    if (key === undefined) return undefined;
    const entry = this.#entries.get(key);
    if (entry === undefined) throw new CarrelError("INTERNAL", "a ready key has no entry");
    const nowMs = this.#clock.monotonic();
    const labels = { queue: this.name, priority: entry.priority };
    this.#metrics.queueLatency.record((nowMs - entry.sinceMs) / 1000, labels);
    entry.dirty = false;
    entry.held = true;
    entry.sinceMs = nowMs;
    this.#held++;
    return key;
  }

  #promoteDue(): void {
    const nowMs = this.#clock.monotonic();
    for (let key = this.#delayed.takeDue(nowMs); key !== undefined; key = this.#delayed.takeDue(nowMs)) {
      const entry = this.#entries.get(key);
      const priority = entry?.delayed ?? "normal";
      if (entry !== undefined) entry.delayed = undefined;
      this.add(key, priority);
    }
    const next = this.#delayed.peek();
    if (next !== undefined) this.#timer.arm(next.atMs);
  }

  #dropIfIdle(key: Key, entry: Entry): void {
    if (!entry.dirty && !entry.held && entry.delayed === undefined) this.#entries.delete(key);
  }

  #settleDrain(): void {
    if (this.#closed !== undefined && this.#held === 0 && this.#ready.size === 0) this.#drained.resolve();
  }
}
