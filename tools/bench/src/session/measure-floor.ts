import { PODS, type KubeClient, type Pod } from "@carrel/kube";
import { isReady, type ClusterWatches } from "../watch/cluster-watches.ts";
import { untilSeen } from "../watch/until-seen.ts";
import { FLOOR_NAMESPACE, untilQuotasAreFree } from "./floor-namespace.ts";
import { FLOOR_POD } from "./floor-pod.ts";
import { timed, type Timed } from "./timed.ts";

const KEY = `${FLOOR_NAMESPACE}/${FLOOR_POD}`;

/** Times the bare pod: one CREATE, until a watch that was open before shows it Ready. Then it is deleted, untimed. */
export async function measureFloor(
  client: KubeClient,
  watches: ClusterWatches,
  pod: Pod,
  signal: AbortSignal,
): Promise<Timed & { readonly goneMs: number }> {
  const measured = await timed(async () => {
    await client.create(PODS, pod, { signal });
    await untilSeen(watches.pods, KEY, isReady, { what: "the bare pod is Ready", timeoutMs: 120_000, signal });
  });
  await client.delete(PODS, FLOOR_POD, { namespace: FLOOR_NAMESPACE, signal });
  await untilSeen(watches.pods, KEY, (seen) => seen === undefined, {
    what: "the bare pod is gone",
    timeoutMs: 60_000,
    signal,
  });
  const goneMs = Date.now();
  await untilQuotasAreFree(client, signal);
  return { ...measured, goneMs };
}
