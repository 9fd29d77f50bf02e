import { isConflict, isNotFound, PODS, type KubeClient, type Pod } from "@carrel/kube";

/**
 * Asks a launcher pod to go, once; the guest's power button is pressed. True when there is no pod any more: only then
 * has the guest stopped.
 */
export async function stopGuest(
  client: Pick<KubeClient, "delete">,
  pod: Pod | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  if (pod === undefined) return true;
  const { name, namespace = "", uid, deletionTimestamp } = pod.metadata;
  if (deletionTimestamp !== undefined) return false;
  try {
    await client.delete(PODS, name, { namespace, uid, signal });
  } catch (error) {
    // Gone, or another pod of the same name: the watch tells.
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
  return false;
}
