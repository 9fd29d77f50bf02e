import { API_VERSION } from "@carrel/api";
import type { Namespace } from "@carrel/kube";
import { ownLabels, primaryNamespace, type WorkspaceContext } from "./workspace-context.ts";

/**
 * The session's namespace. Its Pod Security labels hold without Carrel; its owner is the Workspace, so that even a
 * force-deleted Session leaves nothing behind.
 */
export function planNamespace({ workspace, profile }: WorkspaceContext): Namespace {
  const { level, version } = profile.podSecurity;
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name: primaryNamespace(workspace),
      labels: {
        ...ownLabels(workspace),
        "pod-security.kubernetes.io/enforce": level,
        "pod-security.kubernetes.io/enforce-version": version,
      },
      ownerReferences: [
        {
          apiVersion: API_VERSION,
          kind: "Workspace",
          name: workspace.metadata.name,
          uid: workspace.metadata.uid ?? "",
          controller: true,
        },
      ],
    },
  };
}
