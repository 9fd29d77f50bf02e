import { LABELS, type PolicyProfileSpec, type Workspace } from "@carrel/api";
import type { Namespace } from "@carrel/kube";
import type { WorkspaceFact } from "../decision/facts.ts";
import { stringAt } from "../review/json-object.ts";
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

/** The name of the PolicyProfile of a workspace, as its template had it when the workspace was made. */
export function profileNameOf(workspace: Workspace): string {
  return stringAt(workspace.spec.template.spec, "policy", "profile") ?? DEFAULT_PROFILE;
}

/** What a decision learns of a workspace. Over is one whose end was asked for, in whichever way. */
export function workspaceFact(workspace: Workspace, profile: PolicyProfileSpec | undefined): WorkspaceFact {
  const ended =
    workspace.metadata.deletionTimestamp !== undefined ||
    workspace.spec.terminate !== undefined ||
    workspace.status?.phase === "Terminating";
  return {
    state: ended ? "ended" : "active",
    name: workspace.metadata.name,
    profileName: profileNameOf(workspace),
    ...(profile === undefined ? {} : { profile }),
  };
}
