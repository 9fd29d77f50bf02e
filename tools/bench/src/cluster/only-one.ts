import { tryExclusiveLock } from "@carrel/cluster";
import { CarrelError } from "@carrel/std";

/**
 * Holds the benchmarks' cluster for one run: two at a time would measure each other, and the first to end would stop the
 * other's cluster. It is free again when its process ends, however that happens.
 *
 * @throws CarrelError `BENCH_RUNS` when another process holds it.
 */
export async function onlyOne(cluster: string): Promise<AsyncDisposable> {
  const lock = await tryExclusiveLock(`bench:${cluster}`);
  if (lock === undefined) {
    throw new CarrelError("BENCH_RUNS", "another benchmark runs on this machine; wait for its end");
  }
  return lock;
}
