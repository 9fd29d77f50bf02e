import { clusterNames, stopCluster } from "@carrel/cluster";

/** Clusters that the end-to-end tests share have names that begin so. */
const SHARED = "carrel-e2e";

/**
 * Runs tests and stops the clusters that they share: each file finds them running, so none stops them. One that was there
 * before stays.
 */
export async function withoutSharedClusters<T>(run: () => Promise<T>, print: (line: string) => void): Promise<T> {
  const before = new Set(await clusterNames());
  try {
    return await run();
  } finally {
    for (const name of await clusterNames()) {
      if (!name.startsWith(SHARED) || before.has(name)) continue;
      print(`stopping cluster ${name}`);
      await stopCluster(name);
    }
  }
}
