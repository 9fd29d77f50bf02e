import { LABELS, RESERVED_PREFIX, type ObjectMeta, type Workspace } from "@carrel/api";
import { ownerRef, WORKSPACES, type KubeObject, type Resource } from "@carrel/kube";
import { CarrelError } from "@carrel/std";
import { isCarrelsName } from "@carrel/template";
import { ownLabels, primaryNamespace } from "../resources/workspace-context.ts";

/** Whose object it is. */
export interface ObjectOwner {
  readonly workspace: Workspace;
  /** Names of the workspace's namespaces. */
  readonly namespaces: readonly string[];
}

/** Fields of `metadata` that a template may set; the others are the API server's or Carrel's. */
const ALLOWED_METADATA = ["name", "namespace", "labels", "annotations", "finalizers"];

/**
 * The object to create from a rendered manifest: put into its namespace, labelled as ours, and owned by the Workspace
 * when it is cluster-scoped. Pure.
 *
 * @throws CarrelError `INVALID` for one that would be in another namespace, that does not carry the workspace's name
 * though it is cluster-scoped, that has the name of one of Carrel's own, or that sets what is Carrel's.
 */
export function prepareObject(
  name: string,
  of: Resource,
  manifest: Readonly<Record<string, unknown>>,
  owner: ObjectOwner,
): KubeObject {
  const metadata = metadataOf(manifest);
  // What the author wrote was looked at; what came of it, by a function or by a parameter of the user's, was not.
  if (isCarrelsName(of.kind, metadata.name)) throw invalid(`the ${of.kind} ${metadata.name} is Carrel's own`);
  const { workspace } = owner;
  const place = of.namespaced
    ? { namespace: namespaceOf(of, metadata, owner) }
    : ownedByWorkspace(of, metadata, workspace);
  return {
    ...manifest,
    metadata: {
      ...metadata,
      ...place,
      labels: { ...metadata.labels, ...ownLabels(workspace), [LABELS.object]: name },
    },
  };
}

function metadataOf(manifest: Readonly<Record<string, unknown>>): ObjectMeta {
  const metadata = manifest["metadata"];
  if (typeof metadata !== "object" || metadata === null) throw invalid("metadata is missing");
  const foreign = Object.keys(metadata).find((field) => !ALLOWED_METADATA.includes(field));
  if (foreign !== undefined) throw invalid(`metadata.${foreign} must not be set`);
  const given = metadata as Partial<ObjectMeta>;
  if (typeof given.name !== "string" || given.name === "") throw invalid("metadata.name is missing");
  for (const key of [...Object.keys(given.labels ?? {}), ...Object.keys(given.annotations ?? {})]) {
    if (key.startsWith(RESERVED_PREFIX)) throw invalid(`${key} must not be set: it belongs to Carrel`);
  }
  return given as ObjectMeta;
}

function namespaceOf(of: Resource, metadata: ObjectMeta, { workspace, namespaces }: ObjectOwner): string {
  const namespace = metadata.namespace ?? primaryNamespace(workspace);
  if (namespaces.includes(namespace)) return namespace;
  throw invalid(`${of.kind} ${metadata.name} would be in ${namespace}, which is no namespace of the session`);
}

function ownedByWorkspace(of: Resource, metadata: ObjectMeta, workspace: Workspace): Partial<ObjectMeta> {
  if (metadata.namespace !== undefined) throw invalid(`${of.kind} is cluster-scoped: it is in no namespace`);
  if (!metadata.name.includes(workspace.metadata.name)) {
    throw invalid(`${of.kind} ${metadata.name} is cluster-scoped: $(workspace.name) must be in its name`);
  }
  return { ownerReferences: [ownerRef(WORKSPACES, workspace)] };
}

function invalid(message: string): CarrelError {
  return new CarrelError("INVALID", message);
}
