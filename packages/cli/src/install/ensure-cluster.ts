import path from "node:path";
import { clusterPaths, clusterStatus, ensureProgram, forwardLocal, startCluster, type Cluster } from "@carrel/cluster";
import { CarrelError } from "@carrel/std";
import { environment } from "../environment.ts";
import type { Tell } from "../terminal/progress.ts";

/** Name of the embedded cluster that `./carrel up` starts. */
export const DEFAULT_CLUSTER = "carrel";
/** Name of the one that benchmarks run on: nobody else's, so that nothing else happens on it. */
export const BENCH_CLUSTER = "carrel-bench";
/** Where browsers on this machine reach the proxy of the embedded cluster. */
export const DEFAULT_PORT = 8080;
/** Node ports of deploy/chart/values-embedded.yaml. */
const NODE_PORTS = { proxy: 30080, nats: 30422 } as const;

/** The cluster that a command works on. */
export interface ClusterAccess {
  readonly kubeconfig: string;
  /** The embedded cluster; undefined for one that the user's KUBECONFIG names. */
  readonly embedded: Cluster | undefined;
  /** Address of NATS when it is reachable from here without a port-forward. */
  readonly nats: string | undefined;
}

/** Programs that `up` needs besides Kubernetes itself. */
const PROGRAMS = ["kubectl", "helm", "nats-server"] as const;

/** Builds the programs that are missing; each once per content. */
export async function ensurePrograms(options: { readonly tell: Tell; readonly signal: AbortSignal }): Promise<void> {
  for (const program of PROGRAMS) await ensureProgram(program, { signal: options.signal, onProgress: options.tell });
}

/** Starts the embedded cluster, or finds it running. */
export async function ensureEmbeddedCluster(options: {
  readonly name: string;
  readonly tell: Tell;
  readonly signal: AbortSignal;
}): Promise<ClusterAccess> {
  return accessTo(await startCluster({ name: options.name, signal: options.signal, onProgress: options.tell }));
}

/** Makes the proxy reachable at 127.0.0.1:`port`. */
export async function forwardProxy(cluster: Cluster, port: number, signal: AbortSignal): Promise<void> {
  await forwardLocal(cluster, port, NODE_PORTS.proxy, signal);
}

/**
 * The user's own cluster, when KUBECONFIG names one. That of the embedded cluster `name`, which `up` tells people to
 * export, is not: the embedded cluster is to be found, started and stopped as without it.
 */
export function ownKubeconfig(name: string): string | undefined {
  const given = environment.kubeconfig();
  return given !== undefined && path.resolve(given) === clusterPaths(name).kubeconfig ? undefined : given;
}

/** The cluster of KUBECONFIG when that is set, else the embedded one if it runs. */
export async function findCluster(name: string, signal: AbortSignal): Promise<ClusterAccess | undefined> {
  const given = ownKubeconfig(name);
  if (given !== undefined) return { kubeconfig: given, embedded: undefined, nats: undefined };
  const { state, cluster } = await clusterStatus(name, signal);
  return state === "running" && cluster !== undefined ? accessTo(cluster) : undefined;
}

/** {@link findCluster}. @throws CarrelError `NO_CLUSTER` when there is none. */
export async function requireCluster(name: string, signal: AbortSignal): Promise<ClusterAccess> {
  const access = await findCluster(name, signal);
  if (access !== undefined) return access;
  throw new CarrelError("NO_CLUSTER", `cluster ${name} does not run: ./carrel up starts it; or set KUBECONFIG`);
}

function accessTo(cluster: Cluster): ClusterAccess {
  return {
    kubeconfig: cluster.kubeconfigPath,
    embedded: cluster,
    nats: `nats://${cluster.nodeAddress}:${NODE_PORTS.nats}`,
  };
}
