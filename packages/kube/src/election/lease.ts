import type { KubeObject } from "../client/resource.ts";

/** A Lease (coordination.k8s.io/v1) as leader election uses it. */
export interface LeaseSpec {
  /** Empty or absent: nobody holds it. */
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  /** RFC 3339 with microseconds; for humans only, nothing is decided by it. */
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

export interface ElectionLease extends KubeObject {
  readonly spec?: LeaseSpec;
}

/** `metav1.MicroTime` of a time in milliseconds. The API server takes exactly six digits. */
export function microTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace("Z", "000Z");
}
