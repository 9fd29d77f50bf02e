import { tryExclusiveLock } from "@carrel/cluster";
import { CarrelError } from "@carrel/std";

/**
 * Makes sure that one `carrel dev` at a time works on a cluster, until its process ends, however that happens.
 *
 * @throws CarrelError `DEV_RUNS` when another process holds it.
 */
export async function exclusive(cluster: string): Promise<AsyncDisposable> {
  const lock = await tryExclusiveLock(`dev:${cluster}`);
  if (lock === undefined) throw new CarrelError("DEV_RUNS", `another carrel dev runs on cluster ${cluster}`);
  return lock;
}
