import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { identifyProcess } from "../process/process-identity.ts";

/** The mount points of every cgroup hierarchy of this machine: one for version 2, one per controller for version 1. */
async function hierarchies(): Promise<string[]> {
  const mounts = (await readFile("/proc/self/mounts", "utf8")).split("\n").map((line) => line.split(" "));
  return mounts.filter((fields) => /^cgroup2?$/.test(fields[2] ?? "")).flatMap((fields) => fields[1] ?? []);
}

/**
 * Makes the cluster's cgroup in every hierarchy. The kubelet then keeps to it, and never sweeps the cgroups of another
 * kubelet or of the machine.
 */
export async function createCgroups(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    const path = join(hierarchy, name);
    await mkdir(path, { recursive: true });
    // A cpuset of version 1 starts empty, and an empty one takes no process.
    for (const file of ["cpuset.cpus", "cpuset.mems"]) {
      if (!existsSync(join(hierarchy, "cpuset.cpu_exclusive"))) continue;
      await writeFile(join(path, file), await readFile(join(hierarchy, file), "utf8"));
    }
  }
}

/** The pids of all processes in the cluster's cgroups: its pods, however they were started. */
export async function cgroupProcesses(name: string): Promise<number[]> {
  const pids = new Set<number>();
  for (const hierarchy of await hierarchies()) {
    for (const path of await cgroupsBelow(join(hierarchy, name))) {
      const procs = await readFile(join(path, "cgroup.procs"), "utf8").catch(() => "");
      for (const pid of procs.split("\n").filter((line) => line !== "")) pids.add(Number(pid));
    }
  }
  // 0 is a process of an outer pid namespace, which cannot be ours.
  return [...pids].filter((pid) => pid > 0 && identifyProcess(pid) !== undefined);
}

/** Removes the cluster's cgroups, the deepest first; gives those that could not be removed. */
export async function removeCgroups(name: string): Promise<string[]> {
  const left: string[] = [];
  for (const hierarchy of await hierarchies()) {
    for (const path of await cgroupsBelow(join(hierarchy, name))) {
      const removed = await rmdir(path).then(
        () => true,
        (error: NodeJS.ErrnoException) => error.code === "ENOENT",
      );
      if (!removed) left.push(path);
    }
  }
  return left;
}

/** A cgroup and all below it, children before parents; none when it does not exist. */
async function cgroupsBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return [];
  const children = entries.filter((entry) => entry.isDirectory());
  const below = await Promise.all(children.map((entry) => cgroupsBelow(join(path, entry.name))));
  return [...below.flat(), path];
}
