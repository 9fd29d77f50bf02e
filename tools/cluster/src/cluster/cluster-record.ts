import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Component } from "../process/component.ts";
import type { ProcessIdentity } from "../process/process-identity.ts";
import { type ClusterPaths, clusterPaths, clustersDirectory, isClusterName } from "./cluster-paths.ts";

/** What is written down about a cluster from the first step on, so that whoever comes next can clean up. */
export interface ClusterRecord {
  readonly index: number;
  readonly state: "starting" | "running";
  readonly launcher: ProcessIdentity;
  /** The programs that it runs, to tell that a newer build exists. */
  readonly programs: Readonly<Record<string, string>>;
}

/** The record of a cluster; undefined when there is none. A damaged one counts as none. */
export async function readClusterRecord(paths: ClusterPaths): Promise<ClusterRecord | undefined> {
  return readJson<ClusterRecord>(paths.record);
}

/** Replaces the record in one step. */
export async function writeClusterRecord(paths: ClusterPaths, record: ClusterRecord): Promise<void> {
  await writeJson(paths.record, record);
}

/** Notes a component's process, so that status and stop find it. */
export async function writeComponent(paths: ClusterPaths, component: Component): Promise<void> {
  await writeJson(join(paths.components, `${component.name}.json`), component);
}

/** The components that were ever started and not removed. */
export async function readComponents(paths: ClusterPaths): Promise<Component[]> {
  const files = (await readdir(paths.components).catch(() => [])).filter((file) => file.endsWith(".json"));
  const read = await Promise.all(files.sort().map((file) => readJson<Component>(join(paths.components, file))));
  return read.filter((component) => component !== undefined);
}

/** The names of all clusters that left any state on this machine, running or not. */
export async function clusterNames(): Promise<string[]> {
  const entries = await readdir(clustersDirectory(), { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return names.filter((name) => isClusterName(name));
}

/** The indices that clusters of this machine hold. */
export async function takenIndices(): Promise<number[]> {
  const records = await Promise.all((await clusterNames()).map((name) => readClusterRecord(clusterPaths(name))));
  return records.flatMap((record) => record?.index ?? []);
}

async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as T;
  } catch {
    return undefined;
  }
}

async function writeJson(path: string, value: unknown): Promise<void> {
  const unfinished = `${path}.${process.pid}.partial`;
  await writeFile(unfinished, `${JSON.stringify(value, undefined, 2)}\n`);
  await rename(unfinished, path);
}
