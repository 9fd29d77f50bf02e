import { type KubeObject, resource } from "../resource.ts";

/**
 * Asks to delete a pod as far as disruption budgets allow. Create it with `{ subresource: "eviction" }`;
 * `metadata.name` names the pod. A budget that forbids it for now answers 429 (`isTooManyRequests`).
 */
export interface Eviction extends KubeObject {
  readonly apiVersion: "policy/v1";
  readonly kind: "Eviction";
  readonly deleteOptions?: {
    readonly gracePeriodSeconds?: number;
    readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  };
}

/** The path is that of Pods, the kind in the body Eviction's. */
export const POD_EVICTIONS = resource<Eviction>("v1", "Pod", "pods");
