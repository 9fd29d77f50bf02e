import { LABELS, namespaceName, type Workspace } from "@carrel/api";
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

/**
 * Names of namespaces that the workspace may have and that nobody knows to be gone: neither cached, nor seen deleted
 * under the UID that the Workspace's status records. Only the API server itself can tell whether they exist.
 */
export function unaccountedNamespaces(
  workspace: Workspace,
  cached: Iterable<Namespace>,
  wasDeleted: (uid: string) => boolean,
): readonly string[] {
  const { name } = workspace.metadata;
  const recorded = new Map((workspace.status?.namespaces ?? []).map((namespace) => [namespace.name, namespace.uid]));
  // An end may come before the status recorded what was made: the names are known without it.
  const names = new Set([namespaceName(name), ...additionalNames(workspace), ...recorded.keys()]);
  for (const { metadata } of cached) names.delete(metadata.name);
  return [...names].filter((candidate) => {
    const uid = recorded.get(candidate);
    return uid === undefined || !wasDeleted(uid);
  });
}

/** The template is stored as it was given: its optional fields may be missing. */
function additionalNames({ metadata, spec }: Workspace): readonly string[] {
  const stored: { readonly namespaces?: readonly { readonly name: string }[] } = spec.template.spec;
  return (stored.namespaces ?? []).map((additional) => namespaceName(metadata.name, additional.name));
}
