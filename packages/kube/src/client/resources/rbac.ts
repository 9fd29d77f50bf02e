import { type KubeObject, resource } from "../resource.ts";

export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

export interface Role extends KubeObject {
  readonly rules?: readonly PolicyRule[];
}

export interface ClusterRole extends Role {
  readonly aggregationRule?: object;
}

export interface Subject {
  readonly kind: "User" | "Group" | "ServiceAccount";
  readonly name: string;
  readonly namespace?: string;
  readonly apiGroup?: string;
}

export interface RoleBinding extends KubeObject {
  /** Immutable: another role needs another binding. */
  readonly roleRef: { readonly apiGroup: string; readonly kind: "Role" | "ClusterRole"; readonly name: string };
  readonly subjects?: readonly Subject[];
}

const RBAC = "rbac.authorization.k8s.io/v1";
export const ROLES = resource<Role>(RBAC, "Role", "roles");
export const ROLE_BINDINGS = resource<RoleBinding>(RBAC, "RoleBinding", "rolebindings");
export const CLUSTER_ROLES = resource<ClusterRole>(RBAC, "ClusterRole", "clusterroles", false);
export const CLUSTER_ROLE_BINDINGS = resource<RoleBinding>(RBAC, "ClusterRoleBinding", "clusterrolebindings", false);
