import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createApiClient } from "../api/api-client.ts";
import type { Kubeconfig } from "../certificates/kubeconfig.ts";
import { isProcessAlive } from "../process/process-identity.ts";
import type { Cluster, ClusterStatus, ComponentStatus } from "./cluster.ts";
import { clusterAddresses } from "./cluster-addresses.ts";
import { serverUrl } from "./cluster-configs.ts";
import { type ClusterPaths, clusterPaths } from "./cluster-paths.ts";
import { readClusterRecord, readComponents } from "./cluster-record.ts";

/** Looks at a cluster: its processes, and whether its API server is ready. Changes nothing. */
export async function clusterStatus(name: string, signal?: AbortSignal): Promise<ClusterStatus> {
  const paths = clusterPaths(name);
  const record = await readClusterRecord(paths);
  const components = (await readComponents(paths)).map((component): ComponentStatus => ({
    name: component.name,
    pid: component.identity.pid,
    alive: isProcessAlive(component.identity),
    logPath: component.logPath,
  }));
  if (record === undefined) {
    return { name, state: existsSync(paths.root) ? "broken" : "absent", components, cluster: undefined };
  }
  if (record.state === "starting") return { name, state: "starting", components, cluster: undefined };
  const cluster = await describeCluster(name, paths, record.index);
  const healthy = components.every((component) => component.alive) && (await isApiReady(cluster.kubeconfig, signal));
  return { name, state: healthy ? "running" : "broken", components, cluster };
}

/** The description of a cluster whose files are all written. */
export async function describeCluster(name: string, paths: ClusterPaths, index: number): Promise<Cluster> {
  const addresses = clusterAddresses(index);
  return {
    name,
    server: serverUrl(addresses),
    kubeconfig: JSON.parse(await readFile(paths.kubeconfig, "utf8")) as Kubeconfig,
    kubeconfigPath: paths.kubeconfig,
    nodeAddress: addresses.nodeAddress,
    hostAddress: addresses.hostAddress,
    auditLogPath: paths.auditLog,
    logsDirectory: paths.logs,
    directory: paths.root,
    containerdSocket: paths.containerdSocket,
    networkNamespacePath: paths.networkNamespace,
  };
}

async function isApiReady(kubeconfig: Kubeconfig, signal: AbortSignal | undefined): Promise<boolean> {
  using api = createApiClient(kubeconfig);
  const answer = await api.send({ method: "GET", path: "/readyz", timeoutMs: 5000, signal }).catch(() => undefined);
  return answer?.status === 200;
}
