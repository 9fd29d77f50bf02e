import { CarrelError, type Clock, systemClock } from "@carrel/std";
import type { KubeClient } from "../client/kube-client.ts";
import type { KubeObject, Resource } from "../client/resource.ts";
import { Controller, type ControllerOptions } from "../controller/controller.ts";
import { LeaderElector, type LeaderElectorOptions } from "../election/leader-elector.ts";
import type { Informer, InformerOptions } from "../reflector/informer.ts";
import { alarm } from "../runtime/alarm.ts";
import { LinkedSignal } from "../runtime/linked-signal.ts";
import { type Logger, silentLogger } from "../runtime/logger.ts";
import { createRuntimeMetrics, type RuntimeMetrics } from "../runtime/metrics.ts";
import { observeGauge } from "../runtime/observe-gauge.ts";
import { until } from "../runtime/until.ts";
import { EventLoopMonitor } from "./event-loop-monitor.ts";
import { type Health, healthOf } from "./health.ts";
import { InformerRegistry } from "./informer-registry.ts";
import { RunGroup } from "./run-group.ts";
import type { Runnable } from "./runnable.ts";

export interface ManagerOptions {
  readonly client: KubeClient;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Default: made from the global meter provider. */
  readonly metrics?: RuntimeMetrics;
  /** The Lease that elected runnables wait for; without it they run at once. */
  readonly election?: Pick<LeaderElectorOptions, "namespace" | "name" | "identity" | "times">;
  /** Longest wait for complete caches at the start; default 2 min. */
  readonly syncTimeoutMs?: number;
  /** Longest orderly stop; default 30 s. */
  readonly stopTimeoutMs?: number;
}

/** Which replicas run it. */
export interface Placement {
  /** Only the one that holds the lease; default all. */
  readonly elected?: boolean;
}

/**
 * Runs what a service consists of, in order: caches, until they are complete; then what runs on every replica; then,
 * once the lease is ours, what runs on one. It stops in the reverse order and releases the lease last.
 */
export class Manager {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: RuntimeMetrics;
  readonly #options: ManagerOptions;
  readonly #informers: InformerRegistry;
  readonly #everywhere: Runnable[] = [];
  readonly #elected: Runnable[] = [];
  readonly #elector: LeaderElector | undefined;
  readonly #loop: EventLoopMonitor;
  /** The first error of anything that runs; nothing waits for it before {@link run}. */
  readonly #failure = Promise.withResolvers<never>();
  readonly #caches = new RunGroup(this.#failure.reject);
  #state: "new" | "starting" | "running" | "stopping" = "new";

  constructor(options: ManagerOptions) {
    this.#options = options;
    this.client = options.client;
    this.clock = options.clock ?? systemClock;
    this.logger = options.logger ?? silentLogger;
    this.metrics = options.metrics ?? createRuntimeMetrics();
    this.#informers = new InformerRegistry(this);
    this.#loop = new EventLoopMonitor(this.clock);
    this.#elector = options.election && new LeaderElector({ ...this.#context(), ...options.election });
    this.#failure.promise.catch(() => undefined);
  }

  /** The shared informer of these objects. One that is asked for while the manager runs starts at once. */
  informer<T extends KubeObject>(of: Resource<T>, options: InformerOptions<T> = {}): Informer<T> {
    const { informer, created } = this.#informers.get(of, options);
    if (created && (this.#state === "starting" || this.#state === "running")) this.#startInformer(informer);
    return informer;
  }

  /** Adds a controller; given its options only, makes it with this manager's clock, logger and metrics. */
  addController(controller: Controller | ControllerOptions, placement: Placement = {}): Controller {
    const added = controller instanceof Controller ? controller : new Controller({ ...this.#context(), ...controller });
    this.add(added, placement);
    return added;
  }

  /** Adds anything else that runs. @throws CarrelError `INVALID` after the start, or when the name is taken. */
  add(runnable: Runnable, placement: Placement = {}): void {
    if (this.#state !== "new") throw new CarrelError("INVALID", `${runnable.name} was added after the start`);
    if (this.#runnables().some(({ name }) => name === runnable.name)) {
      throw new CarrelError("INVALID", `there are two runnables "${runnable.name}"`);
    }
    (placement.elected === true ? this.#elected : this.#everywhere).push(runnable);
  }

  /** True while this process holds the lease; always when there is no election. */
  isLeader(): boolean {
    return this.#elector?.isLeader() ?? true;
  }

  /** For the readiness probe: caches are complete, and nothing stops. A replica that does not lead is ready too. */
  ready(): Health {
    const missing = this.#informers.all().filter((informer) => !informer.hasSynced());
    return healthOf([
      ...(this.#state === "running" ? [] : [`manager is ${this.#state}`]),
      ...missing.map(({ resource }) => `${resource.plural} are not listed yet`),
    ]);
  }

  /** For the liveness probe: nothing hangs. An API server that is away is no reason to restart. */
  live(): Health {
    const hanging = this.#informers.all().filter((informer) => !informer.isAlive());
    return healthOf([
      ...hanging.map(({ resource }) => `the reflector of ${resource.plural} hangs`),
      ...this.#runnables()
        .filter((runnable) => runnable.isAlive?.() === false)
        .map(({ name }) => `${name} hangs`),
      ...(this.#loop.isAlive() ? [] : ["the event loop is blocked"]),
      ...(this.#elector?.isAlive() === false ? ["leader election hangs"] : []),
    ]);
  }

  /**
   * Runs until the signal aborts, then resolves when everything has stopped. Rejects, after the same orderly stop, with
   * the first failure: caches that do not fill in time (`SYNC_TIMEOUT`), a runnable that ended, the lost lease
   * (`LEADERSHIP_LOST`); with `STOP_TIMEOUT` when something did not stop. The process should then exit. Runs once.
   */
  async run(signal: AbortSignal): Promise<void> {
    if (this.#state !== "new") throw new CarrelError("INVALID", "the manager was started before");
    this.#state = "starting";
    using _delay = observeGauge(this.metrics.eventLoopDelay, {}, () => this.#loop.maxDelayMs() / 1000);
    using stop = new LinkedSignal(signal);
    this.#failure.promise.catch((error: unknown) => stop.abort(error));
    const everywhere = new RunGroup(this.#failure.reject);
    const elected = new RunGroup(this.#failure.reject);
    const stopped = Promise.withResolvers<void>();
    stopped.promise.catch(() => undefined);
    let election: Promise<void> | undefined;
    try {
      this.#caches.start({ name: "event loop monitor", run: (until) => this.#loop.run(until) });
      for (const informer of this.#informers.all()) this.#startInformer(informer);
      await this.#waitForCaches(stop.signal);
      for (const runnable of this.#everywhere) everywhere.start(runnable);
      this.#state = "running";
      this.logger.info({}, "manager running");
      const lead = (lost?: AbortSignal): Promise<void> => {
        lost?.addEventListener("abort", () => elected.abort(lost.reason), { once: true });
        if (!stop.signal.aborted) for (const runnable of this.#elected) elected.start(runnable);
        return stopped.promise;
      };
      election = this.#elector === undefined ? lead() : this.#elector.run(stop.signal, lead);
      election.catch(this.#failure.reject);
      await until(this.#failure.promise, stop.signal);
    } catch (error) {
      if (!signal.aborted) this.#failure.reject(error);
    }
    // The abort of the signal is the ordinary end; one that comes after a failure does not hide it.
    const ordinary = signal.aborted;
    this.#state = "stopping";
    await this.#stop([elected, everywhere, this.#caches], stopped, election);
    if (!ordinary) await this.#failure.promise;
    this.logger.info({}, "manager stopped");
  }

  async #waitForCaches(signal: AbortSignal): Promise<void> {
    const timeoutMs = this.#options.syncTimeoutMs ?? 120_000;
    using limit = new LinkedSignal(signal);
    using _ = alarm(this.clock, timeoutMs, () => {
      const missing = this.ready().problems.slice(1).join(", ");
      limit.abort(new CarrelError("SYNC_TIMEOUT", `after ${timeoutMs} ms: ${missing}`, { retryable: true }));
    });
    await Promise.all(this.#informers.all().map((informer) => informer.waitForSync(limit.signal)));
  }

  async #stop(
    groups: readonly RunGroup[],
    stopped: PromiseWithResolvers<void>,
    election: Promise<void> | undefined,
  ): Promise<void> {
    const timeoutMs = this.#options.stopTimeoutMs ?? 30_000;
    const reason = new CarrelError("STOPPING", "the process stops");
    const limit = new AbortController();
    using _ = alarm(this.clock, timeoutMs, () => limit.abort(reason));
    try {
      for (const group of groups) {
        group.abort(reason);
        await group.ended(limit.signal);
      }
      stopped.resolve();
      await election?.catch(() => undefined);
    } catch (cause) {
      const left = groups.flatMap((group) => group.running).join(", ");
      const error = new CarrelError("STOP_TIMEOUT", `still running after ${timeoutMs} ms: ${left}`, { cause });
      for (const group of groups) group.abort(reason);
      // Work may be going on that only one process may do: the lease is left to expire.
      stopped.reject(error);
      throw error;
    }
  }

  #startInformer<T extends KubeObject>(informer: Informer<T>): void {
    const name = `informer ${informer.resource.plural} ${this.#caches.running.length}`;
    this.#caches.start({ name, run: (signal) => informer.run(signal) });
  }

  #runnables(): readonly Runnable[] {
    return [...this.#everywhere, ...this.#elected];
  }

  #context(): { client: KubeClient; clock: Clock; logger: Logger; metrics: RuntimeMetrics } {
    return { client: this.client, clock: this.clock, logger: this.logger, metrics: this.metrics };
  }
}
