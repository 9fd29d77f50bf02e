import {
  isInvalid,
  isNotFound,
  removeFinalizerPatch,
  type KubeClient,
  type KubeObject,
  type Resource,
} from "@carrel/kube";

/** Takes a finalizer off; content when it or the object is no longer there, or when the list has changed meanwhile. */
export async function removeFinalizer<T extends KubeObject>(
  client: Pick<KubeClient, "jsonPatch">,
  of: Resource<T>,
  object: T,
  finalizer: string,
): Promise<void> {
  const patch = removeFinalizerPatch(object, finalizer);
  if (patch === undefined) return;
  const { name, namespace = "" } = object.metadata;
  try {
    await client.jsonPatch(of, name, patch, { namespace });
  } catch (error) {
    if (!isNotFound(error) && !isInvalid(error)) throw error;
  }
}
