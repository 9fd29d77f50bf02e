import { type Clock, systemClock } from "@carrel/std";
import type { KubeClient, WatchEvent } from "../client/kube-client.ts";
import type { KubeObject, Resource } from "../client/resource.ts";
import { LinkedSignal } from "../runtime/linked-signal.ts";
import { type Logger, silentLogger } from "../runtime/logger.ts";
import { createRuntimeMetrics, type RuntimeMetrics } from "../runtime/metrics.ts";
import { sleepQuietly } from "../runtime/sleep-quietly.ts";
import { compareResourceVersions } from "./resource-version.ts";
import { RetryPacer, type RetryPacerOptions } from "./retry-pacer.ts";
import { SilenceLimit } from "./silence-limit.ts";
import { slimObject } from "./slim-object.ts";
import { END_REASONS, type End, endOf, needsRelist } from "./watch-end.ts";

/** Which objects a reflector mirrors. */
export interface Selection {
  /** One namespace; default all. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Only `metadata` (PartialObjectMetadata). */
  readonly metadataOnly?: boolean;
}

/** Where a reflector puts what it learns. */
export interface ReflectorSink<T> {
  /** The complete set of objects. No event is applied before it resolves. */
  replace(objects: readonly T[], signal: AbortSignal): Promise<void>;
  upsert(object: T): void;
  remove(object: T): void;
}

export interface ReflectorOptions<T extends KubeObject> extends Selection {
  readonly client: KubeClient;
  readonly resource: Resource<T>;
  readonly sink: ReflectorSink<T>;
  /** Applied to each object before the sink sees it, after managedFields are gone. Pure; if it throws, it is left out. */
  readonly transform?: (object: T) => T;
  /** Objects per list call; default 500: a page of that size blocks the event loop for some 6 ms. */
  readonly pageSize?: number;
  /**
   * How long a watch lasts, in seconds, random between the two; default 300–600. A connection that swallows everything
   * is noticed 10 s after that, or after 150 s of silence once the server has sent a bookmark. Who must know sooner
   * asks for shorter watches.
   */
  readonly watchSeconds?: { readonly min: number; readonly max: number };
  readonly retry?: RetryPacerOptions;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly metrics?: RuntimeMetrics;
}

export const DEFAULT_WATCH_SECONDS = { min: 300, max: 600 } as const;

/** A healthy server ends a watch at its timeout; this much later it is no longer healthy. */
const SILENCE_GRACE_MS = 10_000;
/**
 * An API server that sends bookmarks sends the first within 120 s and then one a minute, quiet as the kind may be (seen
 * on 1.34). Once there has been one, this much silence is a dead connection; taking one for dead costs a single call.
 */
const BOOKMARK_SILENCE_MS = 150_000;
/** Longest wait for one page: the API server's own limit for a request. */
const PAGE_TIMEOUT_MS = 60_000;

/**
 * Mirrors one kind into a sink: lists by pages, then watches from there, for as long as it runs.
 *
 * It outlives every end of a list or watch but the abort of its signal: 410 and disorder are answered by a new list,
 * anything else by a new watch from the last version seen. Lists are consistent reads (no resourceVersion): the API
 * server ignores `limit` at version 0, and a cache never goes back in time when another API server answers.
 */
export class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #metrics: RuntimeMetrics;
  readonly #kind: string;
  readonly #pacer: RetryPacer;
  #resourceVersion: string | undefined;
  #hasBookmarks = false;
  #lastWordMs: number;
  #lastStepMs: number;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#kind = options.resource.kind;
    this.#logger = (options.logger ?? silentLogger).child({ kind: this.#kind });
    this.#metrics = options.metrics ?? createRuntimeMetrics();
    for (const reason of END_REASONS) this.#metrics.reflectorWatchEnds.add(0, { kind: this.#kind, reason });
    this.#pacer = new RetryPacer(options.retry);
    this.#lastWordMs = this.#lastStepMs = this.#clock.monotonic();
  }

  /** Milliseconds since the API server last said anything: a page, an event or a bookmark. */
  stalenessMs(): number {
    return this.#clock.monotonic() - this.#lastWordMs;
  }

  /** Milliseconds since the reflector last did anything, a failed attempt included. Grows without end only if it hangs. */
  idleMs(): number {
    return this.#clock.monotonic() - this.#lastStepMs;
  }

  /** The longest {@link idleMs} of a healthy reflector on a quiet kind. */
  get maxIdleMs(): number {
    return (this.#options.watchSeconds ?? DEFAULT_WATCH_SECONDS).max * 1000 + SILENCE_GRACE_MS;
  }

  /** Runs until the signal aborts; then resolves. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const startedMs = this.#step();
      const end = await this.#attempt(signal);
      if (signal.aborted) return;
      const delayMs = this.#pacer.delayMs(end, this.#step() - startedMs);
      this.#report(end, delayMs);
      if (needsRelist(end.reason)) this.#resourceVersion = undefined;
      await sleepQuietly(this.#clock, delayMs, signal);
    }
  }

  async #attempt(signal: AbortSignal): Promise<End> {
    if (this.#resourceVersion === undefined) {
      try {
        await this.#list(signal);
      } catch (error) {
        const end = endOf(error);
        if (!signal.aborted) this.#metrics.reflectorLists.add(1, { kind: this.#kind, result: end.reason });
        return end;
      }
    }
    const end = await this.#watch(signal);
    if (!signal.aborted) this.#metrics.reflectorWatchEnds.add(1, { kind: this.#kind, reason: end.reason });
    return end;
  }

  async #list(signal: AbortSignal): Promise<void> {
    const startedMs = this.#clock.monotonic();
    const objects: T[] = [];
    let resourceVersion: string | undefined;
    using link = new LinkedSignal(signal);
    using limit = new SilenceLimit(this.#clock, PAGE_TIMEOUT_MS, () => link.abort(tooSilent()));
    const { resource, pageSize = 500 } = this.#options;
    for await (const page of this.#options.client.pages(resource, {
      ...this.#selection(),
      limit: pageSize,
      signal: link.signal,
    })) {
      limit.restart();
      this.#heard();
      for (const object of page.items) objects.push(this.#prepare(object));
      // All pages are of one snapshot.
      resourceVersion = page.resourceVersion;
    }
    signal.throwIfAborted();
    await this.#options.sink.replace(objects, signal);
    this.#resourceVersion = resourceVersion;
    this.#metrics.reflectorLists.add(1, { kind: this.#kind, result: "success" });
    this.#metrics.reflectorListDuration.record((this.#clock.monotonic() - startedMs) / 1000, { kind: this.#kind });
    this.#logger.debug({ objects: objects.length, resourceVersion }, "listed");
  }

  async #watch(signal: AbortSignal): Promise<End> {
    const { min, max } = this.#options.watchSeconds ?? DEFAULT_WATCH_SECONDS;
    const timeoutSeconds = Math.round(min + Math.random() * (max - min));
    const askedForMs = timeoutSeconds * 1000;
    let silent = false;
    using link = new LinkedSignal(signal);
    const giveUp = (): void => {
      silent = true;
      link.abort(tooSilent());
    };
    using limits = new DisposableStack();
    limits.use(new SilenceLimit(this.#clock, askedForMs + SILENCE_GRACE_MS, giveUp));
    const limitQuiet = (): SilenceLimit => limits.use(new SilenceLimit(this.#clock, BOOKMARK_SILENCE_MS, giveUp));
    let quiet = this.#hasBookmarks ? limitQuiet() : undefined;
    this.#metrics.reflectorWatches.add(1, { kind: this.#kind });
    try {
      for await (const event of this.#options.client.watch(this.#options.resource, {
        ...this.#selection(),
        resourceVersion: this.#resourceVersion ?? "",
        timeoutSeconds,
        signal: link.signal,
      })) {
        this.#heard();
        quiet?.restart();
        if (event.type === "BOOKMARK") {
          this.#hasBookmarks = true;
          quiet ??= limitQuiet();
        }
        if (!this.#accept(event)) return { reason: "disordered" };
      }
      return { reason: silent ? "silent" : "closed", askedForMs };
    } catch (error) {
      return silent ? { reason: "silent", error } : endOf(error);
    }
  }

  /** Applies one event; false when it is older than one seen before. */
  #accept(event: WatchEvent<T>): boolean {
    this.#metrics.reflectorEvents.add(1, { kind: this.#kind, type: event.type });
    const version = event.type === "BOOKMARK" ? event.resourceVersion : event.object.metadata.resourceVersion;
    if (version === undefined || version === "") return false;
    const order = compareResourceVersions(version, this.#resourceVersion ?? "");
    if (order !== undefined && order < 0) return false;
    // The same version again can only be the same event again.
    if (event.type !== "BOOKMARK" && order !== 0) {
      const object = this.#prepare(event.object);
      if (event.type === "DELETED") this.#options.sink.remove(object);
      else this.#options.sink.upsert(object);
    }
    this.#resourceVersion = version;
    return true;
  }

  #prepare(object: T): T {
    const slim = slimObject(object);
    try {
      return this.#options.transform?.(slim) ?? slim;
    } catch (error) {
      // One odd object must neither stop the cache nor be missing from it.
      this.#metrics.handlerErrors.add(1, { kind: this.#kind });
      this.#logger.error(
        { err: error, namespace: slim.metadata.namespace, name: slim.metadata.name },
        "transform failed",
      );
      return slim;
    }
  }

  #selection(): Selection {
    const { namespace, labelSelector, fieldSelector, metadataOnly } = this.#options;
    return {
      ...(namespace !== undefined && { namespace }),
      ...(labelSelector !== undefined && { labelSelector }),
      ...(fieldSelector !== undefined && { fieldSelector }),
      ...(metadataOnly !== undefined && { metadataOnly }),
    };
  }

  #report(end: End, delayMs: number): void {
    if (end.reason === "closed" && delayMs === 0) return;
    const fields = { reason: end.reason, err: end.error, delayMs: Math.round(delayMs) };
    if (end.reason === "closed" || end.reason === "expired") this.#logger.debug(fields, "list or watch ended");
    else this.#logger.warn(fields, "list or watch ended");
  }

  #heard(): void {
    this.#lastWordMs = this.#step();
  }

  #step(): number {
    return (this.#lastStepMs = this.#clock.monotonic());
  }
}

function tooSilent(): DOMException {
  return new DOMException("silent for too long", "TimeoutError");
}
