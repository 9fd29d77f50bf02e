import { LABELS, type Workspace } from "@carrel/api";
import type { Namespace } from "@carrel/kube";

/** What is left to do for a workspace that is being deleted. */
export interface TeardownPlan {
  /** Namespaces to delete now, with the UID that the delete must name. */
  readonly deletable: readonly { readonly name: string; readonly uid: string }[];
  /** Namespaces that are on their way out. */
  readonly terminating: readonly string[];
  /** Nothing is left: our finalizer may go. */
  readonly done: boolean;
}

/**
 * Plans a teardown from what exists. A namespace is ours only by the Workspace's UID in its label; one that merely has
 * our name is a stranger's and is left alone.
 */
export function planTeardown(workspace: Workspace, namespaces: Iterable<Namespace>): TeardownPlan {
  const deletable: { name: string; uid: string }[] = [];
  const terminating: string[] = [];
  for (const { metadata } of namespaces) {
    if (metadata.uid === undefined || metadata.labels?.[LABELS.workspaceUid] !== workspace.metadata.uid) continue;
    if (metadata.deletionTimestamp === undefined) deletable.push({ name: metadata.name, uid: metadata.uid });
    else terminating.push(metadata.name);
  }
  return { deletable, terminating, done: deletable.length === 0 && terminating.length === 0 };
}
