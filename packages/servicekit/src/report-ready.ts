import { PODS, type KubeClient } from "@carrel/kube";
import { eventually } from "@carrel/testkit";

/** Waits for a workspace's desk and reports it ready, as a kubelet would. */
export async function reportReady(client: KubeClient, namespace: string): Promise<void> {
  await eventually(() => client.get(PODS, "desk", { namespace }), { timeoutMs: 20_000 });
  const status = {
    phase: "Running",
    podIP: "10.0.0.1",
    conditions: [{ type: "Ready", status: "True", lastTransitionTime: new Date().toISOString() }],
  };
  await client.mergePatch(PODS, "desk", { status }, { namespace, subresource: "status" });
}
