import { LABELS, ROLE_DESK } from "@carrel/api";
import { isConflict, isNotFound, PODS, type KubeClient, type Pod } from "@carrel/kube";

/** A kubelet that reports every desk ready at once, and lets those go that are being deleted. */
export interface PlayedKubelet extends AsyncDisposable {
  /** Desks of which this holds are left alone. */
  ignore: (pod: Pod) => boolean;
}

const LABEL_SELECTOR = `${LABELS.role}=${ROLE_DESK}`;

/** Plays the kubelet of a control plane without nodes until it is disposed. */
export function playKubelet(client: KubeClient): PlayedKubelet {
  const stop = new AbortController();
  const { signal } = stop;
  const kubelet: PlayedKubelet = {
    ignore: () => false,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
  const serve = async (pod: Pod): Promise<void> => {
    const { name, namespace = "", deletionTimestamp } = pod.metadata;
    if (deletionTimestamp !== undefined)
      return await client.delete(PODS, name, { namespace, gracePeriodSeconds: 0, signal });
    if (kubelet.ignore(pod) || pod.status?.phase === "Running") return;
    const conditions = [{ type: "Ready", status: "True", lastTransitionTime: new Date().toISOString() }];
    const status = { phase: "Running", podIP: "10.0.0.1", conditions };
    await client.mergePatch(PODS, name, { status }, { namespace, subresource: "status", signal });
  };
  const follow = async (): Promise<void> => {
    while (!signal.aborted) {
      const { items, resourceVersion } = await client.list(PODS, { labelSelector: LABEL_SELECTOR, signal });
      const busy = new Set<Promise<void>>();
      const begin = (pod: Pod): void => {
        const work = serve(pod)
          .catch((error: unknown) => {
            if (!isNotFound(error) && !isConflict(error) && !signal.aborted) throw error;
          })
          .finally(() => busy.delete(work));
        busy.add(work);
      };
      items.forEach(begin);
      for await (const event of client.watch(PODS, { resourceVersion, labelSelector: LABEL_SELECTOR, signal }))
        if (event.type === "ADDED" || event.type === "MODIFIED") begin(event.object);
      await Promise.all(busy);
    }
  };
  const running = follow().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return kubelet;
}
