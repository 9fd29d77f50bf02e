import { LABELS, type Workspace } from "@carrel/api";
import type { Namespace } from "@carrel/kube";

/** A namespace of ours, with the UID that every call about it must go by. */
export interface DoomedNamespace {
  readonly name: string;
  readonly uid: string;
}

/** What is left to do for a workspace that is being deleted. */
export interface TeardownPlan {
  /** Namespaces to delete now, with the UID that the delete must name. */
  readonly deletable: readonly DoomedNamespace[];
  /** Namespaces that are on their way out. */
  readonly terminating: readonly DoomedNamespace[];
  /** Nothing is left: our finalizer may go. */
  readonly done: boolean;
}

/**
 * Plans a teardown from what exists. A namespace is ours only by the Workspace's UID in its label; one that merely has
 * our name is a stranger's and is left alone.
 */
export function planTeardown(workspace: Workspace, namespaces: Iterable<Namespace>): TeardownPlan {
  const deletable: DoomedNamespace[] = [];
  const terminating: DoomedNamespace[] = [];
  for (const { metadata } of namespaces) {
    if (metadata.uid === undefined || metadata.labels?.[LABELS.workspaceUid] !== workspace.metadata.uid) continue;
    if (metadata.deletionTimestamp === undefined) deletable.push({ name: metadata.name, uid: metadata.uid });
    else terminating.push({ name: metadata.name, uid: metadata.uid });
  }
  return { deletable, terminating, done: deletable.length === 0 && terminating.length === 0 };
}
