import { randomUUID } from "node:crypto";
import { type BackoffOptions, CarrelError, type Clock, systemClock } from "@carrel/std";
import { type Logger, silentLogger } from "../runtime/logger.ts";
import { createRuntimeMetrics, type RuntimeMetrics } from "../runtime/metrics.ts";
import { sleepQuietly } from "../runtime/sleep-quietly.ts";
import type { Priority } from "../workqueue/priority.ts";
import type { TokenBucketOptions } from "../workqueue/token-bucket.ts";
import { WorkQueue } from "../workqueue/work-queue.ts";
import { WORK_QUEUE_DEFAULTS } from "../workqueue/work-queue-options.ts";
import { OUTCOMES } from "./outcome.ts";
import { OutageGate } from "./outage-gate.ts";
import type { Reconcile } from "./reconcile.ts";
import { type Outcome, runReconcile } from "./run-reconcile.ts";
import type { Watch } from "./watching.ts";

export interface ControllerOptions {
  /** Unique in the process; label of metrics and log lines. */
  readonly name: string;
  readonly reconcile: Reconcile;
  /** What wakes it. May be empty: then only {@link Controller.enqueue} does. */
  readonly watches: readonly Watch[];
  /** Keys reconciled at the same time; default 4. */
  readonly concurrency?: number;
  /** When the signal of a reconcile aborts; default 60 s. */
  readonly reconcileTimeoutMs?: number;
  /** Most keys in its queue; default 100,000. Beyond it keys are dropped and all are added again later. */
  readonly queueLimit?: number;
  readonly backoff?: BackoffOptions;
  readonly retryRate?: TokenBucketOptions;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly metrics?: RuntimeMetrics;
}

/** A reconcile that goes on this long after its signal aborted no longer keeps a worker from other keys. */
const STUCK_AFTER_MS = 10_000;

/**
 * Keeps one kind of thing as its objects want it: watches put keys into a queue, workers reconcile them.
 *
 * Level-based: the reconciler hears a key and reads the state itself. A key is reconciled after every change, never by
 * two workers, again with back-off after a failure, and again after `requeueAfterMs`.
 */
export class Controller {
  readonly name: string;
  readonly #options: ControllerOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #metrics: RuntimeMetrics;
  readonly #concurrency: number;
  readonly #timeoutMs: number;
  readonly #limit: number;
  readonly #queue: WorkQueue;
  readonly #outage: OutageGate;
  #overflowed = false;
  /** Keys still to be added again after an overflow. */
  #refill: Iterator<string> | undefined;
  #stuck = 0;
  #started = false;

  constructor(options: ControllerOptions) {
    this.name = options.name;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger = (options.logger ?? silentLogger).child({ controller: options.name });
    this.#metrics = options.metrics ?? createRuntimeMetrics();
    this.#concurrency = options.concurrency ?? 4;
    this.#timeoutMs = options.reconcileTimeoutMs ?? 60_000;
    this.#limit = options.queueLimit ?? WORK_QUEUE_DEFAULTS.limit;
    this.#queue = new WorkQueue({
      name: options.name,
      clock: this.#clock,
      metrics: this.#metrics,
      limit: this.#limit,
      ...(options.backoff !== undefined && { backoff: options.backoff }),
      ...(options.retryRate !== undefined && { retryRate: options.retryRate }),
      onOverflow: () => {
        this.#overflowed = true;
      },
    });
    for (const result of OUTCOMES) this.#metrics.reconciles.add(0, { controller: this.name, result });
    this.#outage = new OutageGate(this.#clock, (key) => this.enqueue(key));
  }

  /** Keys that are ready and wait for a worker. */
  get depth(): number {
    return this.#queue.depth;
  }

  /** Wants a key reconciled for a reason that no watch tells of. Ignored after the controller has stopped. */
  enqueue(key: string, priority: Priority = "normal"): void {
    this.#queue.add(key, priority);
  }

  /** False when every worker's worth of reconciles ignores its abort signal. */
  isAlive(): boolean {
    return this.#stuck < this.#concurrency;
  }

  /**
   * Waits for the caches, then works until the signal aborts; resolves when no reconcile is under way any more.
   * Reconciles under way see the abort. Runs once.
   */
  async run(signal: AbortSignal): Promise<void> {
    if (this.#started) throw new CarrelError("INVALID", `controller ${this.name} was started before`);
    this.#started = true;
    const stop = (): void => {
      this.#queue.shutdown("discard");
      this.#outage.close();
    };
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    try {
      await Promise.all(this.#options.watches.map((watch) => watch.waitForSync(signal)));
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    const attached = this.#options.watches.map((watch) => watch.attach((key, priority) => this.enqueue(key, priority)));
    this.#logger.info({ workers: this.#concurrency }, "controller started");
    try {
      await Promise.all(Array.from({ length: this.#concurrency }, () => this.#work(signal)));
      await this.#queue.drained();
    } finally {
      signal.removeEventListener("abort", stop);
      for (const watch of attached) watch[Symbol.dispose]();
      this.#logger.info({}, "controller stopped");
    }
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (let key = await this.#queue.get(); key !== undefined; key = await this.#queue.get()) {
      await this.#handOver(key, signal);
      if (this.#overflowed || this.#refill !== undefined) this.#refillQueue();
    }
  }

  /** Reconciles a key; returns early when the reconcile is stuck, which then goes on without a worker. */
  async #handOver(key: string, signal: AbortSignal): Promise<void> {
    const timer = new AbortController();
    const finished = this.#reconcile(key, signal).finally(() => timer.abort());
    const patience = sleepQuietly(this.#clock, this.#timeoutMs + STUCK_AFTER_MS, timer.signal);
    await Promise.race([finished, patience]);
    if (timer.signal.aborted) return;
    this.#stuck++;
    this.#metrics.reconcilesStuck.add(1, { controller: this.name });
    this.#logger.error({ key }, "reconcile ignores its timeout");
    void finished.finally(() => {
      this.#stuck--;
      this.#metrics.reconcilesStuck.add(-1, { controller: this.name });
    });
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<void> {
    const labels = { controller: this.name };
    const reconcileId = randomUUID();
    const logger = this.#logger.child({ key, reconcileId });
    const startedMs = this.#clock.monotonic();
    this.#metrics.reconcilesActive.add(1, labels);
    const outcome = await runReconcile({
      controller: this.name,
      key,
      reconcile: this.#options.reconcile,
      context: { reconcileId, logger, failures: this.#queue.failures(key) },
      clock: this.#clock,
      timeoutMs: this.#timeoutMs,
      signal,
    });
    this.#metrics.reconcilesActive.add(-1, labels);
    const result = { ...labels, result: outcome.name };
    this.#metrics.reconciles.add(1, result);
    this.#metrics.reconcileDuration.record((this.#clock.monotonic() - startedMs) / 1000, result);
    this.#requeue(key, outcome, logger);
    this.#queue.done(key);
  }

  #requeue(key: string, { name, error, requeueAfterMs }: Outcome, logger: Logger): void {
    if (name !== "unreachable" && name !== "aborted") this.#outage.passed(key);
    switch (name) {
      case "success":
      case "requeue_after":
        this.#queue.forget(key);
        if (requeueAfterMs !== undefined) this.#queue.addAfter(key, requeueAfterMs);
        return;
      case "aborted":
        return;
      case "unreachable":
        logger.warn({ err: error, reason: name }, "reconcile waits for the API server");
        // Too many to wait: all are added again later.
        if (this.#outage.size >= this.#limit) this.#overflowed = true;
        else this.#outage.park(key);
        return;
      case "terminal":
        this.#queue.forget(key);
        return logger.error({ err: error, reason: name }, "reconcile failed for good");
      case "conflict":
      case "error":
      case "timeout":
      case "panic": {
        const atLeastMs = error instanceof CarrelError ? error.retryAfterMs : undefined;
        const retryMs = Math.round(this.#queue.addRateLimited(key, atLeastMs));
        const fields = { err: error, reason: name, retryMs };
        if (name === "conflict") logger.debug(fields, "reconcile failed");
        else logger.error(fields, "reconcile failed");
      }
    }
  }

  /**
   * Keys were dropped: nothing is known of them but that they may be of any object in the caches, so all of those are
   * added again, as room comes. What is dropped meanwhile asks for another round.
   */
  #refillQueue(): void {
    if (this.#refill === undefined) {
      this.#overflowed = false;
      this.#refill = this.#options.watches.values().flatMap((watch) => watch.keys());
    }
    while (this.#queue.size < this.#limit) {
      const next = this.#refill.next();
      if (next.done === true) {
        this.#refill = undefined;
        return;
      }
      this.enqueue(next.value, "low");
    }
  }
}
