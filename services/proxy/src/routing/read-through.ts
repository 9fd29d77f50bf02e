import type { Session } from "@carrel/api";
import { findObject, type KubeClient, type Pod, PODS, SESSIONS } from "@carrel/kube";
import { CarrelError, type Clock, deadlineSignal } from "@carrel/std";
import { LRUCache } from "lru-cache";
import type { ProxyMetrics } from "../metrics.ts";
import type { Route } from "./route.ts";

export interface ReadThroughOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** Limit of one look-up. */
  readonly readThroughMs: number;
  readonly metrics: Pick<ProxyMetrics, "readThroughs">;
  readonly build: (session: Session, pod: Pod | undefined) => Route;
  /** A route that was read is not used any more: the watch should have brought it, or the Session is gone. */
  readonly onExpired: (session: string) => void;
}

/** How long "no such session" is believed. */
const NEGATIVE_MS = 2000;
/** How long a route that was read is used until the watch brings it. */
const POSITIVE_MS = 5000;
const MAX_REMEMBERED = 1000;
const MAX_IN_FLIGHT = 50;

/**
 * Looks sessions up at the API server that the watch has not brought yet, so that nobody is told 404 for a session that
 * was made a moment ago. One look-up per session at a time, a bounded number in all, and answers are believed for a
 * short while.
 */
export class ReadThrough {
  readonly #options: ReadThroughOptions;
  readonly #inFlight = new Map<string, Promise<Route | undefined>>();
  readonly #found = new LRUCache<string, { readonly route: Route; readonly untilMs: number }>({ max: MAX_REMEMBERED });
  readonly #missing = new LRUCache<string, number>({ max: MAX_REMEMBERED });

  constructor(options: ReadThroughOptions) {
    this.#options = options;
  }

  /** A route that was read a moment ago. */
  lookUp(session: string): Route | undefined {
    const found = this.#found.get(session);
    return found !== undefined && found.untilMs > this.#options.clock.monotonic() ? found.route : undefined;
  }

  /** The watch knows better from now on. */
  forget(session: string): void {
    this.#found.delete(session);
    this.#missing.delete(session);
  }

  /** @throws CarrelError `UNAVAILABLE` */
  fetch(session: string): Promise<Route | undefined> {
    const { clock, metrics } = this.#options;
    const missingUntilMs = this.#missing.get(session);
    if (missingUntilMs !== undefined && missingUntilMs > clock.monotonic()) {
      metrics.readThroughs.add(1, { result: "missingRemembered" });
      return Promise.resolve(undefined);
    }
    const known = this.#inFlight.get(session);
    if (known !== undefined) return known;
    if (this.#inFlight.size >= MAX_IN_FLIGHT) {
      metrics.readThroughs.add(1, { result: "full" });
      return Promise.reject(new CarrelError("UNAVAILABLE", "too many look-ups at once", { retryable: true }));
    }
    const fetching = this.#fetch(session).finally(() => this.#inFlight.delete(session));
    this.#inFlight.set(session, fetching);
    return fetching;
  }

  async #fetch(name: string): Promise<Route | undefined> {
    const { client, clock, metrics, readThroughMs, build } = this.#options;
    const signal = deadlineSignal(readThroughMs);
    try {
      const session = await findObject(client, SESSIONS, name, { signal });
      if (session === undefined) {
        this.#missing.set(name, clock.monotonic() + NEGATIVE_MS);
        metrics.readThroughs.add(1, { result: "missing" });
        return undefined;
      }
      const at = session.status?.pod;
      const pod =
        at === undefined ? undefined : await findObject(client, PODS, at.name, { namespace: at.namespace, signal });
      const route = build(session, pod);
      this.#found.set(name, { route, untilMs: clock.monotonic() + POSITIVE_MS });
      void clock.sleep(POSITIVE_MS).then(() => this.#expire(name));
      metrics.readThroughs.add(1, { result: "found" });
      return route;
    } catch (cause) {
      metrics.readThroughs.add(1, { result: "failed" });
      throw new CarrelError("UNAVAILABLE", "the API server did not answer in time", { cause, retryable: true });
    }
  }

  #expire(session: string): void {
    const found = this.#found.get(session);
    if (found === undefined || found.untilMs > this.#options.clock.monotonic()) return;
    this.#found.delete(session);
    this.#options.onExpired(session);
  }
}
