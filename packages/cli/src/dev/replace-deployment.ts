import { DEPLOYMENTS, PODS, type Deployment, type KubeClient } from "@carrel/kube";
import { SYSTEM_NAMESPACE } from "../install/install-chart.ts";
import { waitUntil } from "./wait-until.ts";

/** Remembers the replicas of a Deployment whose place `carrel dev` takes. */
const REPLICAS_ANNOTATION = "carrel.dev/dev-replicas";
/** How long pods may take to go, and to come back. */
const SCALE_TIMEOUT_MS = 90_000;

/**
 * How many replicas to put back: what runs now, or, after a `carrel dev` that was killed, what that one remembered. Pure.
 */
export function replicasToRestore({ spec, metadata }: Deployment): number {
  const running = spec.replicas ?? 1;
  if (running > 0) return running;
  const remembered = Number(metadata.annotations?.[REPLICAS_ANNOTATION]);
  return Number.isSafeInteger(remembered) && remembered > 0 ? remembered : 1;
}

/** Takes a service's Deployment down to nothing and waits until its pods have let go of leases and connections. */
export async function scaleToNothing(client: KubeClient, deployment: Deployment, signal: AbortSignal): Promise<void> {
  const replicas = replicasToRestore(deployment);
  await patch(client, deployment, 0, { [REPLICAS_ANNOTATION]: String(replicas) }, signal);
  const component = deployment.spec.selector.matchLabels?.["app.kubernetes.io/component"];
  await waitUntil(
    `the pods of ${deployment.metadata.name} are gone`,
    { timeoutMs: SCALE_TIMEOUT_MS, signal },
    async () => {
      const labelSelector = `app.kubernetes.io/component=${component}`;
      return (await client.list(PODS, { namespace: SYSTEM_NAMESPACE, labelSelector, signal })).items.length === 0;
    },
  );
}

/** Puts the replicas back that {@link scaleToNothing} took, without waiting for their pods. */
export function scaleBack(client: KubeClient, deployment: Deployment, signal: AbortSignal): Promise<void> {
  return patch(client, deployment, replicasToRestore(deployment), { [REPLICAS_ANNOTATION]: null }, signal);
}

/** Waits until the pods of a Deployment are ready again. */
export async function untilAvailable(client: KubeClient, name: string, signal: AbortSignal): Promise<void> {
  await waitUntil(`Deployment ${name} is available`, { timeoutMs: SCALE_TIMEOUT_MS, signal }, async () => {
    const { spec, status, metadata } = await client.get(DEPLOYMENTS, name, { namespace: SYSTEM_NAMESPACE, signal });
    return (
      status?.observedGeneration === metadata.generation && (status?.availableReplicas ?? 0) >= (spec.replicas ?? 1)
    );
  });
}

async function patch(
  client: KubeClient,
  { metadata: { name } }: Deployment,
  replicas: number,
  annotations: Readonly<Record<string, string | null>>,
  signal: AbortSignal,
): Promise<void> {
  const change = { metadata: { annotations }, spec: { replicas } };
  await client.mergePatch(DEPLOYMENTS, name, change, { namespace: SYSTEM_NAMESPACE, signal });
}
