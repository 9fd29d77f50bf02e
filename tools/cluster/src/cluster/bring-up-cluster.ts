import { existsSync } from "node:fs";
import type { ApiClient } from "../api/api-client.ts";
import { createApiClient } from "../api/api-client.ts";
import { applyManifests } from "../api/apply-manifests.ts";
import { loadImage } from "../images/load-image.ts";
import { type Component, waitForComponents } from "../process/component.ts";
import { runCommand } from "../process/run-command.ts";
import { type OnProgress, withProgress } from "../progress.ts";
import { createCgroups } from "./cgroups.ts";
import type { ClusterAddresses } from "./cluster-addresses.ts";
import { NODE_NAME, writeClusterConfigs } from "./cluster-configs.ts";
import type { buildClusterImages } from "./cluster-images.ts";
import type { ClusterPaths } from "./cluster-paths.ts";
import { componentCommands } from "./component-commands.ts";
import { launchComponent } from "./launch-component.ts";
import { createNodeNetwork } from "./node-network.ts";
import { dnsManifests, networkPolicyManifests } from "./system-manifests.ts";

/** What {@link bringUpCluster} needs besides names and addresses. */
export interface BringUpSettings {
  readonly programs: Readonly<Record<"carrel-k8s" | "carrel-node", string>>;
  readonly images: Awaited<ReturnType<typeof buildClusterImages>>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

const READY_TIMEOUT_MS = 120_000;

/**
 * Brings everything of a cluster up, in the order of dependence: network, cgroups and files; etcd, API server and
 * containerd; network policy; kubelet and the rest; node Ready; DNS Ready. Cleans nothing up when it fails.
 */
export async function bringUpCluster(
  paths: ClusterPaths,
  addresses: ClusterAddresses,
  settings: BringUpSettings,
): Promise<void> {
  const { signal, onProgress, images, programs } = settings;
  const commands = componentCommands(paths, addresses, programs["carrel-k8s"]);
  const started: Component[] = [];
  const launch = async (name: keyof typeof commands): Promise<void> => {
    started.push(await launchComponent(paths, commands[name]));
  };
  /** Reports a step and watches every component meanwhile; the one that was started last is blamed for delays. */
  const wait = (what: string, isReady: (look: AbortSignal) => Promise<boolean>): Promise<void> =>
    withProgress(`waiting until ${what}`, onProgress, () =>
      waitForComponents([...started].reverse(), isReady, { what, timeoutMs: READY_TIMEOUT_MS, signal }),
    );

  await createNodeNetwork(paths, addresses, signal);
  await createCgroups(paths.cgroup);
  const kubeconfig = await writeClusterConfigs(paths, addresses, {
    pauseImage: images.pause.name,
    nodeProgram: programs["carrel-node"],
    signal,
  });
  using api = createApiClient(kubeconfig);
  await launch("containerd");
  await launch("etcd");
  await launch("kube-apiserver");
  await wait("the API server is ready", (look) => isApiReady(api, look));

  await applyManifests(api, networkPolicyManifests(), signal);
  await launch("network-policy");
  await launch("kube-controller-manager");
  await launch("kube-scheduler");
  await launch("kube-proxy");
  await wait("containerd is ready", (look) => isContainerdReady(paths, look));
  await Promise.all([images.pause, images.coredns].map((image) => loadImage(paths, image.archivePath, signal)));
  await wait("network policies are enforced", async () => existsSync(paths.networkPolicySocket));

  await launch("kubelet");
  await applyManifests(api, dnsManifests(images.coredns.name), signal);
  await wait("the node is Ready", (look) => isNodeReady(api, look));
  await wait("DNS is Ready", (look) => isDnsReady(api, look));
}

async function isApiReady(api: ApiClient, signal: AbortSignal): Promise<boolean> {
  const answer = await api.send({ method: "GET", path: "/readyz", timeoutMs: 2000, signal }).catch(() => undefined);
  return answer?.status === 200;
}

async function isContainerdReady(paths: ClusterPaths, signal: AbortSignal): Promise<boolean> {
  if (!existsSync(paths.containerdSocket)) return false;
  const command = ["--address", paths.containerdSocket, "--namespace", "k8s.io", "images", "ls", "--quiet"];
  return runCommand("ctr", command, { timeoutMs: 10_000, signal }).then(
    () => true,
    () => false,
  );
}

async function isNodeReady(api: ApiClient, signal: AbortSignal): Promise<boolean> {
  const answer = await api.send({ method: "GET", path: `/api/v1/nodes/${NODE_NAME}`, signal });
  if (answer.status !== 200) return false;
  const node = JSON.parse(answer.text) as {
    spec: { taints?: unknown[] };
    status: { conditions?: { type: string; status: string }[] };
  };
  const ready = node.status.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True");
  // A Ready node takes pods only when the node lifecycle controller has removed its taint.
  return ready === true && (node.spec.taints ?? []).length === 0;
}

async function isDnsReady(api: ApiClient, signal: AbortSignal): Promise<boolean> {
  const path = "/apis/apps/v1/namespaces/kube-system/deployments/coredns";
  const deployment = await api.json<{ status: { availableReplicas?: number } }>({ method: "GET", path, signal });
  return (deployment.status.availableReplicas ?? 0) > 0;
}
