import type { Clock } from "@carrel/std";
import type { KubeClient } from "../client/kube-client.ts";
import { type Lease, LEASES } from "../client/resources/lease.ts";
import { findObject } from "../client/find-object.ts";
import { isAlreadyExists, isConflict, isNotFound } from "../client/status-predicates.ts";
import { type LeaseSpec, microTime } from "./lease-spec.ts";
import { decideLease, type LeaseObservation, observe } from "./lease-decision.ts";

export interface LeaseLockOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly namespace: string;
  readonly name: string;
  readonly identity: string;
  readonly leaseMs: number;
  /** Deadline of each request. */
  readonly requestTimeoutMs: number;
}

/** What came of an attempt. `held`: somebody else has the lease. `conflict`: somebody wrote at the same time. */
export type LockResult = "acquired" | "renewed" | "held" | "conflict";

/**
 * One Lease object seen by one candidate. Every write carries the resourceVersion it was decided on, so of two
 * candidates that write at once exactly one succeeds.
 */
export class LeaseLock {
  readonly #options: LeaseLockOptions;
  #observed: LeaseObservation | undefined;
  /** The whole object, so that a write drops nobody's labels. */
  #lease: Lease | undefined;

  constructor(options: LeaseLockOptions) {
    this.#options = options;
  }

  /** Who holds the lease as far as this process knows. */
  get holder(): string | undefined {
    const holder = this.#observed?.spec.holderIdentity ?? "";
    return holder === "" ? undefined : holder;
  }

  /** Reads the lease and takes or renews it if that is right. Throws when the API server does not answer. */
  async tryAcquire(signal: AbortSignal): Promise<LockResult> {
    const lease = await this.#read(signal);
    if (lease === undefined) return this.#create(signal);
    const observed = this.#see(lease);
    const { clock, identity, leaseMs } = this.#options;
    const self = { identity, leaseMs, nowText: microTime(clock.now()) };
    const decision = decideLease(observed, self, clock.monotonic());
    if (decision.action === "wait") return "held";
    const written = await this.#write(lease, decision.spec, signal);
    if (!written) return "conflict";
    return decision.action === "take" ? "acquired" : "renewed";
  }

  /** Renews what this process held at last sight without reading it first; reads when that turns out wrong. */
  async tryRenew(signal: AbortSignal): Promise<LockResult> {
    const lease = this.#lease;
    if (lease?.spec?.holderIdentity === this.#options.identity) {
      const spec = { ...lease.spec, renewTime: microTime(this.#options.clock.now()) };
      if (await this.#write(lease, spec, signal)) return "renewed";
    }
    return this.tryAcquire(signal);
  }

  /** Lets go of the lease if this process holds it, so that the next candidate need not wait for its end. */
  async release(signal: AbortSignal): Promise<void> {
    if (this.#lease !== undefined && (await this.#tryRelease(this.#lease, signal))) return;
    // A write that was cut off may have been stored: then the version is another than the one known here.
    const lease = await this.#read(signal);
    if (lease !== undefined) await this.#tryRelease(lease, signal);
  }

  /** False when the lease is not ours, or not any more at this version. */
  async #tryRelease(lease: Lease, signal: AbortSignal): Promise<boolean> {
    if (lease.spec?.holderIdentity !== this.#options.identity) return false;
    const nowText = microTime(this.#options.clock.now());
    const spec = { ...lease.spec, holderIdentity: "", leaseDurationSeconds: 1, renewTime: nowText };
    return await this.#write(lease, spec, signal);
  }

  async #read(signal: AbortSignal): Promise<Lease | undefined> {
    return await findObject(this.#options.client, LEASES, this.#options.name, this.#call(signal));
  }

  async #create(signal: AbortSignal): Promise<LockResult> {
    const { clock, name, namespace, identity, leaseMs } = this.#options;
    const now = microTime(clock.now());
    const spec: LeaseSpec = {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(leaseMs / 1000),
      acquireTime: now,
      renewTime: now,
      leaseTransitions: 0,
    };
    try {
      const lease: Lease = { metadata: { name, namespace }, spec };
      this.#see(await this.#options.client.create(LEASES, lease, this.#call(signal)));
      return "acquired";
    } catch (error) {
      if (isAlreadyExists(error)) return "conflict";
      throw error;
    }
  }

  async #write(lease: Lease, spec: LeaseSpec, signal: AbortSignal): Promise<boolean> {
    try {
      this.#see(await this.#options.client.update(LEASES, { ...lease, spec }, this.#call(signal)));
      return true;
    } catch (error) {
      if (isConflict(error) || isNotFound(error)) return false;
      throw error;
    }
  }

  #see(lease: Lease): LeaseObservation {
    this.#lease = lease;
    const version = lease.metadata.resourceVersion ?? "";
    this.#observed = observe(this.#observed, version, lease.spec ?? {}, this.#options.clock.monotonic());
    return this.#observed;
  }

  #call(signal: AbortSignal): { namespace: string; timeoutMs: number; signal: AbortSignal } {
    return { namespace: this.#options.namespace, timeoutMs: this.#options.requestTimeoutMs, signal };
  }
}
