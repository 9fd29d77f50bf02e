import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { ClusterError } from "../cluster-error.ts";
import { type Component, waitForComponents } from "../process/component.ts";
import { endProcess } from "../process/end-process.ts";
import { isProcessAlive } from "../process/process-identity.ts";
import { ensureProgram } from "../programs/ensure-program.ts";
import type { Cluster } from "./cluster.ts";
import { clusterPaths } from "./cluster-paths.ts";
import { readComponents } from "./cluster-record.ts";
import { launchComponent } from "./launch-component.ts";

/**
 * Makes a node port reachable at 127.0.0.1:`localPort` and [::1]:`localPort` of this machine, so that a browser opens
 * http://NAME.localhost:PORT. It lasts until the cluster is stopped or {@link stopForward}; one that exists is kept
 * when it leads to the same node port, else replaced.
 * @throws ClusterError `COMPONENT_FAILED` when the port is taken.
 */
export async function forwardLocal(
  cluster: Pick<Cluster, "name" | "nodeAddress">,
  localPort: number,
  nodePort: number,
  signal?: AbortSignal,
): Promise<void> {
  const paths = clusterPaths(cluster.name);
  const name = `forward-${localPort}-${nodePort}`;
  const existing = await forwardsOf(cluster.name, localPort);
  if (existing.some((component) => component.name === name && isProcessAlive(component.identity))) return;
  await stopForward(cluster, localPort);
  const program = await ensureProgram("carrel-node", { signal });
  await rm(join(paths.logs, `${name}.log`), { force: true });
  const component = await launchComponent(paths, {
    name,
    program,
    args: ["forward", `--port=${localPort}`, `--to=${cluster.nodeAddress}:${nodePort}`],
    network: "machine",
  });
  try {
    const isReady = async (): Promise<boolean> => (await readFile(component.logPath, "utf8")).includes("ready\n");
    await waitForComponents([component], isReady, { what: "it listens", timeoutMs: 10_000, signal });
  } catch (error) {
    await stopForward(cluster, localPort);
    throw error;
  }
}

/** Ends the forwarder of a loopback port; none is no error. */
export async function stopForward(cluster: Pick<Cluster, "name">, localPort: number): Promise<void> {
  for (const component of await forwardsOf(cluster.name, localPort)) {
    await endProcess(component.identity, 0);
    await rm(join(clusterPaths(cluster.name).components, `${component.name}.json`), { force: true });
  }
}

async function forwardsOf(clusterName: string, localPort: number): Promise<Component[]> {
  const components = await readComponents(clusterPaths(clusterName));
  if (components.length === 0) throw new ClusterError("NO_SUCH_CLUSTER", `cluster ${clusterName} does not run`);
  return components.filter((component) => component.name.startsWith(`forward-${localPort}-`));
}
