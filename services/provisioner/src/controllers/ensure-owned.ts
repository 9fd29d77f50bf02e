import { LABELS } from "@carrel/api";
import { CarrelError } from "@carrel/std";
import { isAlreadyExists, type CallOptions, type KubeClient, type KubeObject, type Resource } from "@carrel/kube";

/**
 * Creates an object, or adopts the one of that name when it carries our Workspace's UID: what makes a crash between
 * two calls harmless. A stranger's object is never touched.
 *
 * @throws CarrelError `NAME_TAKEN` when the name belongs to something else.
 */
export async function ensureOwned<T extends KubeObject>(
  client: KubeClient,
  of: Resource<T>,
  object: T,
  signal: AbortSignal,
): Promise<T> {
  const { namespace } = object.metadata;
  const options: CallOptions = namespace === undefined ? { signal } : { namespace, signal };
  try {
    return await client.create(of, object, options);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const existing = await client.get(of, object.metadata.name, options);
    if (existing.metadata.labels?.[LABELS.workspaceUid] === object.metadata.labels?.[LABELS.workspaceUid])
      return existing;
    throw new CarrelError("NAME_TAKEN", `${of.kind} ${object.metadata.name} exists and is not this workspace's`, {
      cause: error,
    });
  }
}
