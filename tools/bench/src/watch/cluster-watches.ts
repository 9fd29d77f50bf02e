import type { Session } from "@carrel/api";
import { Informer, PODS, SESSIONS, type KubeClient, type Pod } from "@carrel/kube";

/** The benchmark's own eyes: open before anything is timed, as the services' are. */
export interface ClusterWatches extends AsyncDisposable {
  readonly pods: Informer<Pod>;
  readonly sessions: Informer<Session>;
}

/** Opens the watches and waits until they show everything. */
export async function openWatches(client: KubeClient, signal: AbortSignal): Promise<ClusterWatches> {
  const pods = new Informer({ client }, PODS);
  const sessions = new Informer({ client }, SESSIONS);
  const stop = new AbortController();
  const running = Promise.all([pods, sessions].map((informer) => informer.run(AbortSignal.any([stop.signal, signal]))));
  await Promise.all([pods.waitForSync(signal), sessions.waitForSync(signal)]);
  return {
    pods,
    sessions,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

/** True for a pod whose Ready condition holds. */
export function isReady(pod: Pod | undefined): boolean {
  return pod?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
}
