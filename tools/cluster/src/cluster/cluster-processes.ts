import { readdir, readFile } from "node:fs/promises";
import { signalProcess } from "../process/end-process.ts";
import { identifyProcess, type ProcessIdentity } from "../process/process-identity.ts";
import { runCommand } from "../process/run-command.ts";
import { cgroupProcesses } from "./cgroups.ts";
import type { ClusterPaths } from "./cluster-paths.ts";

/**
 * The environment variable that every process of a cluster carries, with the cluster's directory as value. The
 * containerd shims inherit it; it finds even what was started a moment before its launcher was killed.
 */
export const CLUSTER_MARKER = "CARREL_CLUSTER";

/** The environment of a cluster's processes. */
export function clusterEnvironment(paths: ClusterPaths): Record<string, string> {
  return { [CLUSTER_MARKER]: paths.root };
}

/**
 * All processes of a cluster: by the marker (components, shims, forwarders), by cgroup (pods) and by network
 * namespace (whatever a person started in it).
 */
export async function clusterProcesses(paths: ClusterPaths): Promise<ProcessIdentity[]> {
  const found = await Promise.all([
    markedProcesses(paths.root),
    cgroupProcesses(paths.cgroup),
    namespaceProcesses(paths.networkNamespace),
  ]);
  const pids = [...new Set(found.flat())].filter((pid) => pid !== process.pid);
  return pids.map((pid) => identifyProcess(pid)).filter((identity) => identity !== undefined);
}

/** Kills every process of a cluster once; who calls repeats until there is none. */
export async function killClusterProcesses(paths: ClusterPaths): Promise<number> {
  const identities = await clusterProcesses(paths);
  for (const identity of identities) signalProcess(identity, "SIGKILL");
  return identities.length;
}

async function markedProcesses(root: string): Promise<number[]> {
  const entry = `${CLUSTER_MARKER}=${root}`;
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const marked = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
      return environment.split("\0").includes(entry);
    }),
  );
  return pids.filter((_, index) => marked[index]).map(Number);
}

async function namespaceProcesses(path: string): Promise<number[]> {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const output = await runCommand("ip", ["netns", "pids", name]).catch(() => "");
  return output
    .split("\n")
    .filter((line) => line !== "")
    .map(Number);
}
