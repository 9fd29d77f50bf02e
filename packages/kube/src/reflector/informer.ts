import type { Clock } from "@carrel/std";
import type { KubeClient } from "../client/kube-client.ts";
import type { KubeObject, Resource } from "../client/resource.ts";
import { objectKey } from "../object/object-key.ts";
import { type Logger, silentLogger } from "../runtime/logger.ts";
import { createRuntimeMetrics, type RuntimeMetrics } from "../runtime/metrics.ts";
import { observeGauge } from "../runtime/observe-gauge.ts";
import { until } from "../runtime/until.ts";
import { yieldToEventLoop } from "../runtime/yield-to-event-loop.ts";
import type { Change } from "./change.ts";
import type { EventHandler } from "./event-handler.ts";
import { HandlerSet } from "./handler-set.ts";
import type { IndexFunction } from "./indexer.ts";
import { Reflector, type ReflectorOptions, type ReflectorSink, type Selection } from "./reflector.ts";
import { type ReadonlyStore, Store } from "./store.ts";

/** What an informer caches and how. */
export interface InformerOptions<T extends KubeObject>
  extends Selection, Pick<ReflectorOptions<T>, "transform" | "pageSize" | "watchSeconds" | "retry"> {
  /** Named indexes of the store. */
  readonly indexes?: Readonly<Record<string, IndexFunction<T>>>;
}

/** What an informer stands on. */
export interface InformerContext {
  readonly client: KubeClient;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly metrics?: RuntimeMetrics;
}

/** Objects put into the store between two turns of the event loop: some 2 ms of work. */
const REPLACE_CHUNK = 250;

/** A cache of one kind that follows the API server, and tells handlers what changes: reflector, store and handlers. */
export class Informer<T extends KubeObject> {
  readonly resource: Resource<T>;
  readonly options: InformerOptions<T>;
  /** The cache. Empty before the first list; complete once {@link hasSynced}. */
  readonly store: ReadonlyStore<T>;
  readonly #store: Store<T>;
  readonly #handlers: HandlerSet<T>;
  readonly #reflector: Reflector<T>;
  readonly #metrics: RuntimeMetrics;
  readonly #synced = Promise.withResolvers<void>();
  #hasSynced = false;

  constructor(context: InformerContext, resource: Resource<T>, options: InformerOptions<T> = {}) {
    const { indexes, ...selection } = options;
    const logger = (context.logger ?? silentLogger).child({ kind: resource.kind });
    this.#metrics = context.metrics ?? createRuntimeMetrics();
    this.resource = resource;
    this.options = options;
    const report = (fields: object, message: string): void => {
      logger.error(fields, message);
      this.#metrics.handlerErrors.add(1, { kind: resource.kind });
    };
    this.#store = new Store((index, err) => report({ index, err }, "index function failed"));
    this.store = this.#store;
    for (const [name, valuesOf] of Object.entries(indexes ?? {})) this.#store.addIndex(name, valuesOf);
    this.#handlers = new HandlerSet((err) => report({ err }, "event handler failed"));
    this.#reflector = new Reflector({
      ...selection,
      ...context,
      metrics: this.#metrics,
      resource,
      sink: this.#sink(),
    });
  }

  /** True once the cache has held a complete list; stays true. */
  hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** Resolves when {@link hasSynced}; rejects with the signal's reason. */
  waitForSync(signal?: AbortSignal): Promise<void> {
    return until(this.#synced.promise, signal);
  }

  /** Milliseconds since the API server last said anything about the kind. The cache is at most that old. */
  stalenessMs(): number {
    return this.#reflector.stalenessMs();
  }

  /** False when the reflector has done nothing for so long that it must hang. An absent API server does not make it so. */
  isAlive(): boolean {
    return this.#reflector.idleMs() <= this.#reflector.maxIdleMs + 60_000;
  }

  /** Adds a named index. @throws CarrelError `INVALID` when the name stands for another function. */
  addIndex(name: string, valuesOf: IndexFunction<T>): void {
    this.#store.addIndex(name, valuesOf);
  }

  /** The handler first hears `onAdd` of every object that is there, then every change. Disposing ends that. */
  addHandler(handler: EventHandler<T>): Disposable {
    for (const object of this.#store.list()) this.#handlers.tell(handler, { type: "added", object }, true);
    return this.#handlers.add(handler);
  }

  /** Follows the API server until the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const labels = { kind: this.resource.kind };
    using _staleness = observeGauge(this.#metrics.reflectorStaleness, labels, () => this.stalenessMs() / 1000);
    using _objects = observeGauge(this.#metrics.storeObjects, labels, () => this.#store.size);
    await this.#reflector.run(signal);
  }

  #sink(): ReflectorSink<T> {
    return {
      replace: (objects, signal) => this.#replace(objects, signal),
      upsert: (object) => this.#publish(this.#store.upsert(object), false),
      remove: (object) => this.#publish(this.#store.remove(object), false),
    };
  }

  async #replace(objects: readonly T[], signal: AbortSignal): Promise<void> {
    let sinceYield = 0;
    const breathe = async (): Promise<void> => {
      if (++sinceYield % REPLACE_CHUNK !== 0) return;
      await yieldToEventLoop();
      signal.throwIfAborted();
    };
    // What is gone first: ending access must not wait for fifty thousand adds.
    for (const change of this.#store.retain(new Set(objects.map(objectKey)))) {
      this.#publish([change], true);
      await breathe();
    }
    for (const object of objects) {
      this.#publish(this.#store.upsert(object), true);
      await breathe();
    }
    this.#hasSynced = true;
    this.#synced.resolve();
  }

  #publish(changes: readonly Change<T>[], fromList: boolean): void {
    for (const change of changes) this.#handlers.tellAll(change, fromList);
  }
}
