import { existsSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "@carrel/std";
import { ClusterError } from "../cluster-error.ts";
import { runCommand } from "../process/run-command.ts";
import { waitUntil } from "../process/wait-until.ts";
import { removeCgroups } from "./cgroups.ts";
import { clusterAddresses } from "./cluster-addresses.ts";
import type { ClusterPaths } from "./cluster-paths.ts";
import { killClusterProcesses } from "./cluster-processes.ts";
import { clusterNames, readClusterRecord } from "./cluster-record.ts";
import { removeHostTraces, restoreMachine } from "./host-traces.ts";
import { mountsBelow, unmountBelow } from "./unmount-below.ts";

const GONE_TIMEOUT_MS = 30_000;

/**
 * Removes everything of a cluster in whatever state it is: processes, mounts, network, cgroups, files. It relies on
 * no record but the names that follow from the cluster's own, so it also cleans what a killed launcher left half done.
 * The caller holds the cluster's lock.
 * @param keepLogs leaves the `logs` directory for people to read; the next start or stop removes it
 * @throws ClusterError `LEFTOVERS`, naming what could not be removed.
 */
export async function removeCluster(paths: ClusterPaths, keepLogs: boolean): Promise<void> {
  // Without its directory a cluster of this name is another user's, or none.
  if (!existsSync(paths.root)) return;
  const record = await readClusterRecord(paths);
  // A process that is just starting another one makes a second look necessary.
  const noProcess = async (): Promise<true | undefined> =>
    (await killClusterProcesses(paths)) === 0 ? true : undefined;
  await orLeftovers("processes", () =>
    waitUntil(noProcess, { what: "all its processes have ended", timeoutMs: GONE_TIMEOUT_MS, everyMs: 20 }),
  );
  await unmountBelow(paths.root);
  await removeHostTraces(paths);
  await removeNetwork(paths, record?.index);
  const noCgroup = async (): Promise<true | undefined> =>
    (await removeCgroups(paths.cgroup)).length === 0 ? true : undefined;
  await orLeftovers("cgroups", () =>
    waitUntil(noCgroup, { what: "its cgroups are removed", timeoutMs: GONE_TIMEOUT_MS, everyMs: 20 }),
  );
  await removeFiles(paths, keepLogs);
  const names = await clusterNames();
  const others = keepLogs ? names.filter((name) => paths.cgroup !== `carrel-${name}`) : names;
  if (others.length === 0) await restoreMachine();
}

async function removeNetwork(paths: ClusterPaths, index: number | undefined): Promise<void> {
  if (index !== undefined) {
    const { hostInterface } = clusterAddresses(index);
    if (existsSync(join("/sys/class/net", hostInterface))) {
      // It vanishes with the namespace as well, but later.
      await runCommand("ip", ["link", "delete", hostInterface]).catch(() => "");
    }
  }
  if (existsSync(paths.networkNamespace)) {
    await runCommand("ip", ["netns", "delete", paths.networkNamespace.slice("/run/netns/".length)]);
  }
}

async function removeFiles(paths: ClusterPaths, keepLogs: boolean): Promise<void> {
  const mounted = await mountsBelow(paths.root);
  // Deleting through a mount would delete what is mounted.
  if (mounted.length > 0) throw new ClusterError("LEFTOVERS", `still mounted: ${mounted.join(", ")}`);
  if (!keepLogs) return rm(paths.root, { recursive: true, force: true, maxRetries: 5 });
  for (const entry of await readdir(paths.root)) {
    const path = join(paths.root, entry);
    if (path !== paths.logs) await rm(path, { recursive: true, force: true, maxRetries: 5 });
  }
  await mkdir(paths.logs, { recursive: true });
}

async function orLeftovers(what: string, wait: () => Promise<unknown>): Promise<void> {
  try {
    await wait();
  } catch (error) {
    if (!hasCode(error, "DEADLINE")) throw error;
    throw new ClusterError("LEFTOVERS", `${what} of the cluster could not be removed`, { cause: error });
  }
}
