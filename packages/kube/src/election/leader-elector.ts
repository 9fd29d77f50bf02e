import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { CarrelError, type Clock, systemClock } from "@carrel/std";
import type { KubeClient } from "../client/kube-client.ts";
import { alarm } from "../runtime/alarm.ts";
import { type Logger, silentLogger } from "../runtime/logger.ts";
import { createRuntimeMetrics, type RuntimeMetrics } from "../runtime/metrics.ts";
import { sleepQuietly } from "../runtime/sleep-quietly.ts";
import { until } from "../runtime/until.ts";
import { ELECTION_TIMES, type ElectionTimes } from "./election-times.ts";
import { LeadershipLostError } from "./leadership-lost.ts";
import { LeaseLock, type LockResult } from "./lease-lock.ts";

export interface LeaderElectorOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  /** Name of the Lease: one per service. */
  readonly name: string;
  /** Unique per process run; default host name and a random part. */
  readonly identity?: string;
  readonly times?: Partial<ElectionTimes>;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly metrics?: RuntimeMetrics;
}

/** How far past the lease's end a leader that still thinks it leads is considered to hang. */
const WATCHDOG_GRACE_MS = 20_000;

/**
 * At most one process of several leads, as long as no clock runs half as fast again as another. That saves load; it is
 * no fence: a process that was stopped and continued may finish a call it had begun. Safety comes from the
 * preconditions (UID, resourceVersion) on every write.
 *
 * After client-go's leaderelection, with these differences: leadership ends by the time the last successful renewal was
 * *sent*, a request never outlives half the renew deadline, and a standby looks often enough to take over a released
 * lease within 2 s.
 */
export class LeaderElector {
  readonly identity: string;
  readonly #options: LeaderElectorOptions;
  readonly #times: ElectionTimes;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #metrics: RuntimeMetrics;
  readonly #lock: LeaseLock;
  /** Monotonic time until which this process leads; undefined when it does not. */
  #leadsUntilMs: number | undefined;

  constructor(options: LeaderElectorOptions) {
    this.#options = options;
    this.#times = { ...ELECTION_TIMES, ...options.times };
    const { leaseMs, renewDeadlineMs, retryMs } = this.#times;
    if (!(leaseMs > renewDeadlineMs && renewDeadlineMs > 2 * retryMs && retryMs > 0)) {
      throw new CarrelError("INVALID", "an election needs lease > renew deadline > twice the retry period");
    }
    this.identity = options.identity ?? `${hostname()}_${randomUUID()}`;
    this.#clock = options.clock ?? systemClock;
    this.#metrics = options.metrics ?? createRuntimeMetrics();
    this.#logger = (options.logger ?? silentLogger).child({ lease: options.name, identity: this.identity });
    this.#lock = new LeaseLock({
      client: options.client,
      clock: this.#clock,
      namespace: options.namespace,
      name: options.name,
      identity: this.identity,
      leaseMs,
      requestTimeoutMs: renewDeadlineMs / 2,
    });
  }

  /** True only while the lease is certainly ours, by the clock: false at once after a pause that was too long. */
  isLeader(): boolean {
    return this.#leadsUntilMs !== undefined && this.#clock.monotonic() < this.#leadsUntilMs;
  }

  /** Who leads as far as this process knows. */
  get leader(): string | undefined {
    return this.#lock.holder;
  }

  /** False when this process should have stepped down long ago and has not: it hangs. */
  isAlive(): boolean {
    return this.#leadsUntilMs === undefined || this.#clock.monotonic() < this.#leadsUntilMs + WATCHDOG_GRACE_MS;
  }

  /**
   * Waits for the lease, then calls `lead` and renews until that settles.
   *
   * When `lead` resolves, the lease is released and this resolves. When `lead` rejects, its work may still be going on:
   * the lease is left to expire and this rejects. When the lease is lost, `lost` aborts and this rejects with
   * {@link LeadershipLostError} without waiting for `lead`: the process must end. `signal` ends the wait for the lease
   * only; a leader ends by letting `lead` resolve.
   */
  async run(signal: AbortSignal, lead: (lost: AbortSignal) => Promise<void>): Promise<void> {
    if (!(await this.#acquire(signal))) return;
    this.#metrics.leader.add(1, { lease: this.#options.name });
    this.#logger.info({}, "leading");
    const term = new AbortController();
    const lost = new AbortController();
    const lose = (error: unknown): void => lost.abort(error);
    const renewals = this.#renew(term.signal).catch(lose);
    const deadline = this.#watchDeadline(term.signal).catch(lose);
    try {
      await until(lead(lost.signal), lost.signal);
      term.abort();
      await Promise.all([renewals, deadline]);
      await this.#release();
    } catch (error) {
      this.#logger.error({ err: error }, "leadership ended");
      throw error;
    } finally {
      term.abort();
      this.#leadsUntilMs = undefined;
      this.#metrics.leader.add(-1, { lease: this.#options.name });
    }
  }

  async #acquire(signal: AbortSignal): Promise<boolean> {
    let known: string | undefined;
    while (!signal.aborted) {
      const sentMs = this.#clock.monotonic();
      const result = await this.#attempt(signal, () => this.#lock.tryAcquire(signal));
      if (result === "acquired" || result === "renewed") {
        this.#leadsUntilMs = sentMs + this.#times.renewDeadlineMs;
        return true;
      }
      // The write that was cut off may have been stored; nobody should wait for the end of that lease.
      if (signal.aborted && result === "error") await this.#release();
      if (this.leader !== known) this.#logger.info({ leader: (known = this.leader) }, "following");
      // Random, so that standbys do not collide; below the retry period, so that a release is seen within it.
      await sleepQuietly(this.#clock, this.#times.retryMs * (0.5 + 0.4 * Math.random()), signal);
    }
    return false;
  }

  /** Renews until `term` ends. @throws LeadershipLostError when another process holds the lease. */
  async #renew(term: AbortSignal): Promise<void> {
    for (;;) {
      await sleepQuietly(this.#clock, this.#times.retryMs, term);
      if (term.aborted) return;
      const sentMs = this.#clock.monotonic();
      const result = await this.#attempt(term, () => this.#lock.tryRenew(term));
      if (result === "held") throw new LeadershipLostError(`the lease is held by ${this.leader ?? "somebody else"}`);
      if (result === "renewed" || result === "acquired") this.#leadsUntilMs = sentMs + this.#times.renewDeadlineMs;
    }
  }

  /** Apart from the renewals, so that one that hangs cannot delay the end. */
  async #watchDeadline(term: AbortSignal): Promise<void> {
    while (!term.aborted) {
      const leftMs = (this.#leadsUntilMs ?? 0) - this.#clock.monotonic();
      if (leftMs <= 0) throw new LeadershipLostError(`not renewed for ${this.#times.renewDeadlineMs} ms`);
      await sleepQuietly(this.#clock, leftMs, term);
    }
  }

  async #attempt(signal: AbortSignal, attempt: () => Promise<LockResult>): Promise<LockResult | "error"> {
    const count = (result: string): void => this.#metrics.leaderRenewals.add(1, { lease: this.#options.name, result });
    try {
      const result = await attempt();
      count(result);
      return result;
    } catch (error) {
      if (signal.aborted) return "error";
      count("error");
      this.#logger.warn({ err: error }, "cannot read or write the lease");
      return "error";
    }
  }

  async #release(): Promise<void> {
    const limit = new AbortController();
    using _ = alarm(this.#clock, this.#times.renewDeadlineMs / 2, () => limit.abort());
    try {
      await this.#lock.release(limit.signal);
      this.#logger.info({}, "lease released");
    } catch (error) {
      // Then the others wait for its end.
      this.#logger.warn({ err: error }, "cannot release the lease");
    }
  }
}
