import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { ClusterError } from "../cluster-error.ts";
import { acquireExclusiveLock } from "../process/exclusive-lock.ts";
import { identifyProcess } from "../process/process-identity.ts";
import { ensureProgram } from "../programs/ensure-program.ts";
import type { ProgramName } from "../programs/program-catalog.ts";
import { type OnProgress, withProgress } from "../progress.ts";
import { ensureSystemPrograms } from "../system/ensure-system-programs.ts";
import { bringUpCluster } from "./bring-up-cluster.ts";
import type { Cluster } from "./cluster.ts";
import { type ClusterAddresses, clusterAddresses, freeIndex } from "./cluster-addresses.ts";
import { buildClusterImages } from "./cluster-images.ts";
import { type ClusterPaths, clusterPaths } from "./cluster-paths.ts";
import { type ClusterRecord, readClusterRecord, takenIndices, writeClusterRecord } from "./cluster-record.ts";
import { clusterStatus, describeCluster } from "./cluster-status.ts";
import { rememberKernelSettings } from "./host-traces.ts";
import { isAddressTaken } from "./node-network.ts";
import { removeCluster } from "./remove-cluster.ts";

/** Options of {@link startCluster}. */
export interface StartClusterOptions {
  /** A DNS label of at most 30 characters; several clusters run side by side. */
  readonly name: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/**
 * Starts a cluster of one node with real pods, or gives the one of this name that runs. It lives on when this process
 * ends, until `stopCluster`. Over the ruins of a crashed one it cleans up first. Needs root on Linux.
 * @throws ClusterError `COMPONENT_FAILED` with the failed component's last log lines; then only the logs are left.
 */
export async function startCluster(options: StartClusterOptions): Promise<Cluster> {
  const { name, signal, onProgress } = options;
  const paths = clusterPaths(name);
  if (process.getuid?.() !== 0) throw new ClusterError("INVALID", "a cluster with pods needs root");
  await ensureSystemPrograms(
    ["containerd", "runc", "cni-plugins", "nft", "iptables", "conntrack", "ip", "nsenter", "umount"],
    { signal, onProgress },
  );
  const build = (program: ProgramName): Promise<string> => ensureProgram(program, { signal, onProgress });
  // One after the other: each build uses all cores by itself.
  const programs = {
    "carrel-node": await build("carrel-node"),
    coredns: await build("coredns"),
    "carrel-k8s": await build("carrel-k8s"),
  };
  const images = await buildClusterImages(programs);

  await using _lock = await acquireExclusiveLock(`cluster:${paths.root}`, {
    signal,
    onWait: () => onProgress?.(`waiting for another process that starts or stops cluster ${name} …`),
  });
  const running = await clusterStatus(name, signal);
  if (running.state === "running" && running.cluster !== undefined) {
    await reportOlderBuild(paths, programs, onProgress);
    return running.cluster;
  }
  if (running.state !== "absent") {
    await withProgress(`removing what is left of cluster ${name}`, onProgress, () => removeCluster(paths, false));
  }
  try {
    const { addresses, record } = await reserve(paths, programs);
    await withProgress(`starting cluster ${name}`, onProgress, () =>
      bringUpCluster(paths, addresses, { programs, images, signal, onProgress }),
    );
    await writeClusterRecord(paths, { ...record, state: "running" });
    return await describeCluster(name, paths, addresses.index);
  } catch (error) {
    await removeCluster(paths, true).catch((leftovers: unknown) => {
      throw new SuppressedError(leftovers, error, "the cluster did not start, and could not be removed either");
    });
    throw error;
  }
}

/** Takes an index, and with it addresses, for a new cluster, and writes its first record. */
async function reserve(
  paths: ClusterPaths,
  programs: Readonly<Record<string, string>>,
): Promise<{ addresses: ClusterAddresses; record: ClusterRecord }> {
  await using _lock = await acquireExclusiveLock("cluster-addresses");
  if (existsSync(paths.networkNamespace)) {
    throw new ClusterError("INVALID", `${paths.networkNamespace} exists, but belongs to no cluster of this user`);
  }
  const taken = new Set(await takenIndices());
  for (let index = freeIndex(taken); index !== undefined; index = freeIndex(taken)) {
    const addresses = clusterAddresses(index);
    taken.add(index);
    if (await isAddressTaken(addresses)) continue;
    const launcher = identifyProcess(process.pid) ?? { pid: process.pid, startTicks: 0 };
    const record: ClusterRecord = { index, state: "starting", launcher, programs };
    for (const directory of [paths.root, paths.components, paths.logs]) await mkdir(directory, { recursive: true });
    await writeClusterRecord(paths, record);
    await rememberKernelSettings();
    return { addresses, record };
  }
  throw new ClusterError("INVALID", "no address is left for another cluster: stop one");
}

async function reportOlderBuild(
  paths: ClusterPaths,
  programs: Readonly<Record<string, string>>,
  onProgress: OnProgress | undefined,
): Promise<void> {
  const record = await readClusterRecord(paths);
  const older = Object.keys(programs).filter((name) => record?.programs[name] !== programs[name]);
  if (older.length > 0) onProgress?.(`the cluster runs an older build of ${older.join(", ")}: stop it to renew it`);
}
