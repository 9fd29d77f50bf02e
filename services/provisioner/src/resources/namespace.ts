import { ownerRef, WORKSPACES, type Namespace } from "@carrel/kube";
import type { SessionNamespace } from "./session-namespace.ts";
import { ownLabels, type WorkspaceContext } from "./workspace-context.ts";

/**
 * One of the session's namespaces. Its Pod Security labels hold without Carrel; its owner is the Workspace, so that
 * even a force-deleted Session leaves nothing behind.
 */
export function planNamespace({ workspace }: WorkspaceContext, { name, profile }: SessionNamespace): Namespace {
  const { level, version } = profile.podSecurity;
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name,
      labels: {
        ...ownLabels(workspace),
        "pod-security.kubernetes.io/enforce": level,
        "pod-security.kubernetes.io/enforce-version": version,
      },
      ownerReferences: [{ ...ownerRef(WORKSPACES, workspace), controller: true }],
    },
  };
}
