import { type KubeObject, resource } from "../resource.ts";

export interface NamespaceCondition {
  /** `NamespaceContentRemaining`, `NamespaceFinalizersRemaining`, `NamespaceDeletionDiscoveryFailure`, … */
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason?: string;
  /** Names what is left, e.g. `Some resources are remaining: pods. has 1 resource instances`. */
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

export interface Namespace extends KubeObject {
  /** Emptied by the namespace controller when nothing is left. */
  readonly spec?: { readonly finalizers?: readonly string[] };
  readonly status?: {
    readonly phase?: "Active" | "Terminating";
    readonly conditions?: readonly NamespaceCondition[];
  };
}

export const NAMESPACES = resource<Namespace>("v1", "Namespace", "namespaces", false);
