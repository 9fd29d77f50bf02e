import type { LeaseSpec } from "./lease-spec.ts";

/** What a candidate last saw of the lease, and when it saw it change. */
export interface LeaseObservation {
  readonly resourceVersion: string;
  readonly spec: LeaseSpec;
  /** This process' monotonic clock when the record was first seen at this version. */
  readonly changedAtMs: number;
}

/** What a candidate does about the lease it has just read. */
export type LeaseDecision =
  /** Somebody holds it, and may go on holding it. */
  | { readonly action: "wait" }
  /** Nobody does, or not any more: write `spec` at exactly this version. */
  | { readonly action: "take"; readonly spec: LeaseSpec }
  /** It is ours. */
  | { readonly action: "renew"; readonly spec: LeaseSpec };

/** Keeps the time of the last change: what counts is how long the record has not changed, by our own clock. */
export function observe(
  before: LeaseObservation | undefined,
  resourceVersion: string,
  spec: LeaseSpec,
  nowMs: number,
): LeaseObservation {
  if (before?.resourceVersion === resourceVersion) return before;
  return { resourceVersion, spec, changedAtMs: nowMs };
}

/**
 * Decides by the record and our own clock alone: the times in the record are another machine's and count for nothing.
 * The holder's own `leaseDurationSeconds` is what it relies on, so that is how long it is left alone.
 */
export function decideLease(
  observed: LeaseObservation,
  self: { readonly identity: string; readonly leaseMs: number; readonly nowText: string },
  nowMs: number,
): LeaseDecision {
  const { spec } = observed;
  const holder = spec.holderIdentity ?? "";
  const fresh = { leaseDurationSeconds: Math.ceil(self.leaseMs / 1000), renewTime: self.nowText };
  if (holder === self.identity) return { action: "renew", spec: { ...spec, ...fresh } };
  const heldForMs = (spec.leaseDurationSeconds ?? self.leaseMs / 1000) * 1000;
  if (holder !== "" && nowMs < observed.changedAtMs + heldForMs) return { action: "wait" };
  return {
    action: "take",
    spec: {
      ...fresh,
      holderIdentity: self.identity,
      acquireTime: self.nowText,
      leaseTransitions: (spec.leaseTransitions ?? 0) + 1,
    },
  };
}
