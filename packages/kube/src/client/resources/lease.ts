import { type KubeObject, resource } from "../resource.ts";

export interface Lease extends KubeObject {
  readonly spec?: {
    readonly holderIdentity?: string | null;
    readonly leaseDurationSeconds?: number;
    /** RFC 3339 with microseconds. */
    readonly acquireTime?: string | null;
    readonly renewTime?: string | null;
    readonly leaseTransitions?: number;
  };
}

/** Calls on leases have connections of their own. */
export const LEASES = resource<Lease>("coordination.k8s.io/v1", "Lease", "leases");
