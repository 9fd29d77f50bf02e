import { ANNOTATIONS, LABELS, type ObjectMeta } from "@carrel/api";
import { isAlreadyExists, type CallOptions, type KubeClient, type KubeObject, type Resource } from "@carrel/kube";
import { CarrelError } from "@carrel/std";

/** Field manager of everything that comes from a template: who asks where a field is from can tell. */
export const OBJECTS_MANAGER = "carrel-objects";

/**
 * Creates an object of a template, or finds the one that an earlier try has made: by Workspace UID and by its name in
 * the template, or the Secret that it is copied from. A create and not an apply: an apply would merge into whatever has the name, a stranger's object or one
 * of Carrel's own.
 *
 * @throws CarrelError `NAME_TAKEN` when the name belongs to something else; StatusError, TransportError.
 */
export async function createObject(
  client: Pick<KubeClient, "create" | "get">,
  of: Resource,
  object: KubeObject,
  signal: AbortSignal,
): Promise<KubeObject> {
  const { name, namespace } = object.metadata;
  const options: CallOptions = namespace === undefined ? { signal } : { namespace, signal };
  try {
    return await client.create(of, object, { ...options, fieldManager: OBJECTS_MANAGER });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const existing = await client.get(of, name, options);
    if (originOf(existing.metadata) === originOf(object.metadata)) return existing;
    const where = namespace === undefined ? "" : ` in ${namespace}`;
    throw new CarrelError("NAME_TAKEN", `${of.kind} ${name} exists${where} and is not of this template`, {
      cause: error,
    });
  }
}

/** What tells whether two objects are of the same workspace and the same part of its template. */
function originOf({ labels, annotations }: ObjectMeta): string {
  const { workspaceUid, object } = LABELS;
  return JSON.stringify([labels?.[workspaceUid], labels?.[object], annotations?.[ANNOTATIONS.copiedFrom]]);
}
