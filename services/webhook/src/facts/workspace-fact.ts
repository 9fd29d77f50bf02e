import { LABELS, namespaceName, type PolicyProfileSpec, type Workspace } from "@carrel/api";
import type { Namespace } from "@carrel/kube";
import type { WorkspaceFact } from "../decision/facts.ts";
import { listAt, stringAt } from "../review/json-object.ts";
import { DEFAULT_PROFILE } from "../rules/effective-profile.ts";

/** The name of the workspace that a namespace says it belongs to. */
export function workspaceNameOf(namespace: Namespace | undefined): string | undefined {
  return namespace?.metadata.labels?.[LABELS.workspace];
}

/** True when the namespace belongs to this very Workspace, not to an earlier one of its name. */
export function ownsNamespace(workspace: Workspace | undefined, namespace: Namespace): boolean {
  const uid = namespace.metadata.labels?.[LABELS.workspaceUid];
  return workspace?.metadata.uid !== undefined && workspace.metadata.uid === uid;
}

/**
 * The name of the PolicyProfile of a workspace's namespace, as its template had it when the workspace was made: a
 * namespace beside the primary one may name its own.
 */
export function profileNameOf(
  workspace: Workspace,
  namespace: string = namespaceName(workspace.metadata.name),
): string {
  const { spec } = workspace.spec.template;
  const own = listAt(spec, "namespaces").find(
    (entry) => namespaceName(workspace.metadata.name, stringAt(entry, "name") ?? "") === namespace,
  );
  return stringAt(own, "policy", "profile") ?? stringAt(spec, "policy", "profile") ?? DEFAULT_PROFILE;
}

/** What a decision learns of a workspace. Over is one whose end was asked for, in whichever way. */
export function workspaceFact(
  workspace: Workspace,
  profile: PolicyProfileSpec | undefined,
  namespace?: string,
): WorkspaceFact {
  const ended =
    workspace.metadata.deletionTimestamp !== undefined ||
    workspace.spec.terminate !== undefined ||
    workspace.status?.phase === "Terminating";
  return {
    state: ended ? "ended" : "active",
    name: workspace.metadata.name,
    profileName: profileNameOf(workspace, namespace),
    ...(profile === undefined ? {} : { profile }),
  };
}
