import { backoffMs, CarrelError, type Clock, systemClock } from "@carrel/std";
import { type ClientMetrics, createClientMetrics } from "../client/client-metrics.ts";
import type { KubeClient } from "../client/kube-client.ts";
import { EVENTS } from "../client/resources/event.ts";
import { isAlreadyExists, isNotFound } from "../client/status-predicates.ts";
import { sleepQuietly } from "../runtime/sleep-quietly.ts";
import { TokenBucket } from "../workqueue/token-bucket.ts";
import { type EventInput, eventKey } from "./event-input.ts";
import {
  eventName,
  eventNamespace,
  type EventReporter,
  type EventSeries,
  renderEvent,
  renderSeries,
} from "./event-series.ts";

export interface EventRecorderOptions extends EventReporter {
  readonly client: Pick<KubeClient, "create" | "mergePatch">;
  readonly clock?: Clock;
  readonly metrics?: ClientMetrics;
  /** Writes per second and at once, default 10 and 50. */
  readonly perSecond?: number;
  readonly burst?: number;
  /** Events that may wait to be written, default 1,000; more are dropped and counted. */
  readonly maxQueued?: number;
  /** The least time between two writes of one series from its third occurrence on, default 60 s. */
  readonly seriesIntervalMs?: number;
  /** How long stopping may take to write what waits, default 3 s. */
  readonly stopTimeoutMs?: number;
}

const MAX_SERIES = 2000;
/** An event that comes again after this long is a new one. As in client-go. */
const SERIES_ENDS_AFTER_MS = 6 * 60_000;
const MAX_ATTEMPTS = 6;
const WRITE_TIMEOUT_MS = 5_000;
const RETRY = { baseMs: 1_000, maxMs: 30_000 };

/**
 * Writes Kubernetes Events (`events.k8s.io/v1`), which nothing may wait for or depend on: {@link record} only notes
 * what happened. Repetitions become a series, writes are limited, and what is too much is dropped and counted.
 * Events about cluster-scoped objects go to the namespace `default`. Dispose it to write what waits, for a bounded time.
 */
export class EventRecorder implements AsyncDisposable {
  readonly #options: Required<EventRecorderOptions>;
  readonly #series = new Map<string, EventSeries>();
  /** Keys of series to write, and when. */
  readonly #due = new Map<string, number>();
  readonly #bucket: TokenBucket;
  readonly #abort = new AbortController();
  #wake = new AbortController();
  #running: Promise<void> | undefined;
  #active = false;
  #stopping = false;
  #dropped = 0;

  constructor(options: EventRecorderOptions) {
    const clock = options.clock ?? systemClock;
    this.#options = {
      clock,
      metrics: options.metrics ?? createClientMetrics(),
      perSecond: 10,
      burst: 50,
      maxQueued: 1000,
      seriesIntervalMs: 60_000,
      stopTimeoutMs: 3_000,
      ...options,
    };
    const { perSecond, burst } = this.#options;
    this.#bucket = new TokenBucket({ perSecond, burst }, clock.monotonic());
  }

  /** Events given up since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Notes an event. Returns at once and never throws. */
  record(input: EventInput): void {
    const { clock, maxQueued } = this.#options;
    if (this.#stopping) return this.#drop("stopped");
    const now = clock.now();
    const key = eventKey(input);
    const known = this.#series.get(key);
    const waits = this.#due.has(key);
    const goesOn = known !== undefined && (waits || now - known.lastSeenMs < SERIES_ENDS_AFTER_MS);
    if (!waits && this.#due.size >= maxQueued) return this.#drop("queue_full");

    const series = goesOn ? known : this.#begin(input, now);
    if (goesOn) {
      series.count++;
      series.lastSeenMs = now;
    }
    // Back to the end of the map: the first in it is then the one that was quiet for longest.
    this.#series.delete(key);
    this.#series.set(key, series);
    this.#forgetQuiet();
    if (!waits) this.#enqueue(key, this.#dueAt(series));
  }

  /** Writes what waits, at most for `stopTimeoutMs`; then drops it. Records nothing any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping = true;
    const now = this.#options.clock.monotonic();
    for (const key of this.#due.keys()) this.#due.set(key, now);
    this.#wake.abort();
    const timer = new AbortController();
    const timeout = this.#options.clock.sleep(this.#options.stopTimeoutMs, timer.signal).catch(() => undefined);
    await Promise.race([this.#running, timeout]);
    timer.abort();
    this.#abort.abort(new CarrelError("STOPPED", "the event recorder has been stopped"));
    this.#wake.abort();
    await this.#running;
    for (const key of this.#due.keys()) this.#giveUp(key, "stopped");
  }

  #begin(input: EventInput, now: number): EventSeries {
    return {
      input,
      name: uniqueName(input),
      firstSeenMs: now,
      lastSeenMs: now,
      count: 1,
      writtenCount: 0,
      writtenAtMs: 0,
      attempts: 0,
    };
  }

  /** The first and second occurrence are news; after that only the number grows. */
  #dueAt(series: EventSeries): number {
    const now = this.#options.clock.monotonic();
    return series.writtenCount < 2 ? now : Math.max(now, series.writtenAtMs + this.#options.seriesIntervalMs);
  }

  #enqueue(key: string, at: number): void {
    this.#due.set(key, at);
    this.#wake.abort();
    if (this.#active) return;
    this.#active = true;
    this.#running = this.#run();
  }

  /** Runs while there is something to write, so that an idle recorder holds no timer. */
  async #run(): Promise<void> {
    const { clock } = this.#options;
    // Nothing is rendered or sent inside record(); what one function records at once is counted together.
    await Promise.resolve();
    while (this.#due.size > 0 && !this.#abort.signal.aborted) {
      const [key, at] = earliest(this.#due);
      const waitMs = at - clock.monotonic();
      if (waitMs > 0) {
        this.#wake = new AbortController();
        await sleepQuietly(clock, waitMs, this.#wake.signal);
        continue;
      }
      const pauseMs = this.#bucket.reserveMs(clock.monotonic());
      if (pauseMs > 0) await sleepQuietly(clock, pauseMs, this.#abort.signal);
      if (!this.#abort.signal.aborted) await this.#write(key);
    }
    this.#active = false;
  }

  async #write(key: string): Promise<void> {
    const { clock, metrics } = this.#options;
    const series = this.#series.get(key);
    this.#due.delete(key);
    if (series === undefined) return;
    const { count } = series;
    try {
      const operation = await this.#send(series);
      series.writtenCount = count;
      series.writtenAtMs = clock.monotonic();
      series.attempts = 0;
      metrics.eventsWritten.add(1, { operation });
    } catch (error) {
      if (this.#abort.signal.aborted) this.#due.set(key, 0);
      else if (!(error instanceof CarrelError) || !error.retryable) this.#giveUp(key, "refused");
      else if (++series.attempts >= MAX_ATTEMPTS) this.#giveUp(key, "unreachable");
      else this.#due.set(key, clock.monotonic() + backoffMs(series.attempts - 1, RETRY));
    }
  }

  async #send(series: EventSeries): Promise<"create" | "series"> {
    const { client, controller, instance } = this.#options;
    const options = { timeoutMs: WRITE_TIMEOUT_MS, signal: this.#abort.signal };
    if (series.writtenCount > 0) {
      try {
        const namespace = eventNamespace(series.input);
        await client.mergePatch(EVENTS, series.name, renderSeries(series), { ...options, namespace });
        return "series";
      } catch (error) {
        if (!isNotFound(error)) throw error;
        // It expired at the API server while the series went on.
        series.name = uniqueName(series.input);
      }
    }
    try {
      await client.create(EVENTS, renderEvent(series, { controller, instance }), options);
    } catch (error) {
      // The answer to an earlier attempt was lost; the name is ours alone.
      if (!isAlreadyExists(error) || series.attempts === 0) throw error;
    }
    return "create";
  }

  #forgetQuiet(): void {
    for (const key of this.#series.keys()) {
      if (this.#series.size <= MAX_SERIES) return;
      if (!this.#due.has(key)) this.#series.delete(key);
    }
  }

  #giveUp(key: string, reason: string): void {
    this.#due.delete(key);
    this.#series.delete(key);
    this.#drop(reason);
  }

  #drop(reason: string): void {
    this.#dropped++;
    this.#options.metrics.eventsDropped.add(1, { reason });
  }
}

function uniqueName(input: EventInput): string {
  return eventName(input, crypto.randomUUID().slice(24));
}

function earliest(due: ReadonlyMap<string, number>): readonly [key: string, at: number] {
  let found: readonly [string, number] = ["", Number.POSITIVE_INFINITY];
  for (const entry of due) if (entry[1] < found[1]) found = entry;
  return found;
}
