import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cluster } from "./cluster.ts";
import { clusterPaths } from "./cluster-paths.ts";

/**
 * From now on the cluster's node pulls images of a registry (`HOST` or `HOST:PORT`, as image names begin) from another
 * place, for instance `http://10.96.7.8:5000`: nodes know neither the names of Services nor those of test domains.
 * Holds until the cluster is stopped.
 */
export async function redirectRegistry(cluster: Cluster, host: string, server: string): Promise<void> {
  const directory = join(clusterPaths(cluster.name).registryHosts, host);
  await mkdir(directory, { recursive: true });
  const settings = `server = "${server}"\n\n[host."${server}"]\n  capabilities = ["pull", "resolve"]\n`;
  await writeFile(join(directory, "hosts.toml"), settings);
}
