import { acquireExclusiveLock } from "../process/exclusive-lock.ts";
import { type OnProgress, withProgress } from "../progress.ts";
import { clusterPaths } from "./cluster-paths.ts";
import { clusterStatus } from "./cluster-status.ts";
import { removeCluster } from "./remove-cluster.ts";

/** Options of {@link stopCluster}. */
export interface StopClusterOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/**
 * Ends a cluster and removes everything of it, in whatever state it is; a cluster that does not exist is no error.
 * @throws ClusterError `LEFTOVERS`, naming what could not be removed.
 */
export async function stopCluster(name: string, options: StopClusterOptions = {}): Promise<void> {
  const { signal, onProgress } = options;
  const paths = clusterPaths(name);
  await using _lock = await acquireExclusiveLock(`cluster:${paths.root}`, {
    signal,
    onWait: () => onProgress?.(`waiting for another process that starts or stops cluster ${name} …`),
  });
  if ((await clusterStatus(name, signal)).state === "absent") return;
  await withProgress(`stopping cluster ${name}`, onProgress, () => removeCluster(paths, false));
}
