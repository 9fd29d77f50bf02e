import { LEARNER_SERVICE_ACCOUNT } from "@carrel/api";
import type { RoleBinding, ServiceAccount } from "@carrel/kube";
import { ownMetadata, primaryNamespace, type WorkspaceContext } from "./workspace-context.ts";

/** The account that the desk, and by default nothing else, runs as. */
export function planServiceAccount({ workspace }: WorkspaceContext): ServiceAccount {
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: ownMetadata(workspace, LEARNER_SERVICE_ACCOUNT),
    automountServiceAccountToken: false,
  };
}

/**
 * What the learner may do: one binding to one of Carrel's own ClusterRoles (not the aggregated `edit`, which any
 * operator's labels can widen). `undefined` when the template gives no access.
 */
export function planLearnerBinding({ workspace, template }: WorkspaceContext): RoleBinding | undefined {
  if (template.role === "none") return undefined;
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: ownMetadata(workspace, "learner"),
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: `carrel-learner-${template.role}` },
    subjects: [{ kind: "ServiceAccount", name: LEARNER_SERVICE_ACCOUNT, namespace: primaryNamespace(workspace) }],
  };
}
