import { LABELS, MANAGED_BY, namespaceName, type SessionTemplateSpec, type Workspace } from "@carrel/api";
import type { Variables } from "@carrel/template";
import type { SessionNamespace } from "./session-namespace.ts";

/** What of the cluster a session's network policy must name. */
export interface ClusterFacts {
  /** Addresses and ports at which pods reach the API server: its ClusterIP and, after DNAT, its endpoints. */
  readonly apiServer: readonly { readonly ip: string; readonly port: number }[];
  /** Carrel's own namespace: the proxy that may reach session pods runs there. */
  readonly systemNamespace: string;
}

/** Everything that the pure builders in this folder need. */
export interface WorkspaceContext {
  readonly workspace: Workspace;
  readonly template: SessionTemplateSpec;
  /** The primary one first. */
  readonly namespaces: readonly [SessionNamespace, ...SessionNamespace[]];
  /** Values of the template variables known by now, generated ones and outputs of objects included. */
  readonly variables: Variables;
  readonly cluster: ClusterFacts;
}

/** Name of the primary namespace. */
export function primaryNamespace(workspace: Workspace): string {
  return namespaceName(workspace.metadata.name);
}

/** The labels of each object of a workspace; {@link LABELS.workspaceUid} is what proves that it is ours. */
export function ownLabels(workspace: Workspace): Record<string, string> {
  return {
    [LABELS.managedBy]: MANAGED_BY,
    [LABELS.workspace]: workspace.metadata.name,
    [LABELS.workspaceUid]: workspace.metadata.uid ?? "",
    ...(workspace.spec.session === undefined ? {} : { [LABELS.session]: workspace.spec.session.name }),
    ...(workspace.spec.tenant === undefined ? {} : { [LABELS.tenant]: workspace.spec.tenant }),
  };
}

/** Metadata of a namespaced object of a workspace; in the primary namespace unless told otherwise. */
export function ownMetadata(
  workspace: Workspace,
  name: string,
  namespace: string = primaryNamespace(workspace),
): { name: string; namespace: string; labels: Record<string, string> } {
  return { name, namespace, labels: ownLabels(workspace) };
}
