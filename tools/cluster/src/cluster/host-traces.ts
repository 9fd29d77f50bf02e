import { existsSync } from "node:fs";
import { readdir, readFile, readlink, rm, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ClusterPaths, clustersDirectory } from "./cluster-paths.ts";

/** Settings of the whole machine that every kubelet changes (kubelet's setupKernelTunables). */
const KERNEL_SETTINGS: readonly string[] = [
  "vm/overcommit_memory",
  "vm/panic_on_oom",
  "kernel/panic",
  "kernel/panic_on_oops",
  "kernel/keys/root_maxkeys",
  "kernel/keys/root_maxbytes",
];

/** The kubelet's device plugin directory does not move with its root directory. */
const DEVICE_PLUGINS = "/var/lib/kubelet/device-plugins";

const CRI_PLUGIN = "io.containerd.grpc.v1.cri";

function settingsFile(): string {
  return join(clustersDirectory(), "kernel-settings.json");
}

/** Notes the machine's kernel settings before the first kubelet starts. */
export async function rememberKernelSettings(): Promise<void> {
  if (existsSync(settingsFile())) return;
  const values: Record<string, string> = {};
  for (const setting of KERNEL_SETTINGS) {
    const value = await readFile(join("/proc/sys", setting), "utf8").catch(() => undefined);
    if (value !== undefined) values[setting] = value.trim();
  }
  await writeFile(settingsFile(), JSON.stringify(values));
}

/** Puts back what the kubelets changed; call it when the last cluster is gone. */
export async function restoreMachine(): Promise<void> {
  const remembered = await readFile(settingsFile(), "utf8").catch(() => undefined);
  if (remembered === undefined) return;
  for (const [setting, value] of Object.entries(JSON.parse(remembered) as Record<string, string>)) {
    await writeFile(join("/proc/sys", setting), value).catch(() => undefined);
  }
  for (const file of ["kubelet.sock", "kubelet_internal_checkpoint", "DEPRECATION"]) {
    await rm(join(DEVICE_PLUGINS, file), { force: true });
  }
  // Only empty directories go: anything else in them is not ours.
  for (const directory of [
    DEVICE_PLUGINS,
    "/var/lib/kubelet",
    "/var/log/containers",
    "/var/lib/cni/results",
    "/var/lib/cni",
  ]) {
    await rmdir(directory).catch(() => undefined);
  }
  await rm(settingsFile(), { force: true });
}

/** Removes the files that one cluster's kubelet, containerd and CNI plugins left outside its directory. */
export async function removeHostTraces(paths: ClusterPaths): Promise<void> {
  await Promise.all([removeShimSockets(paths), removeLogLinks(paths), removeCniResults(paths)]);
}

/** A shim listens in /run/containerd/s, wherever its containerd lives; its bundle names the socket. */
async function removeShimSockets(paths: ClusterPaths): Promise<void> {
  const tasks = join(paths.containerdState, "io.containerd.runtime.v2.task", "k8s.io");
  for (const task of await readdir(tasks).catch(() => [])) {
    const address = await readFile(join(tasks, task, "address"), "utf8").catch(() => "");
    if (address.startsWith("unix:///run/containerd/s/")) await rm(address.slice("unix://".length), { force: true });
  }
}

/** The kubelet links every container's log into /var/log/containers. */
async function removeLogLinks(paths: ClusterPaths): Promise<void> {
  const directory = "/var/log/containers";
  for (const entry of await readdir(directory).catch(() => [])) {
    const target = await readlink(join(directory, entry)).catch(() => "");
    if (target.startsWith(`${paths.podLogs}/`)) await rm(join(directory, entry), { force: true });
  }
}

/** libcni keeps the result of every ADD until its DEL, named NETWORK-SANDBOX-INTERFACE. */
async function removeCniResults(paths: ClusterPaths): Promise<void> {
  const directory = "/var/lib/cni/results";
  const sandboxes = await readdir(join(paths.containerdRoot, CRI_PLUGIN, "sandboxes")).catch(() => []);
  for (const entry of await readdir(directory).catch(() => [])) {
    const isOurs = sandboxes.some((sandbox) => entry.includes(sandbox));
    if (isOurs || entry.startsWith(`${paths.cgroup}-`)) await rm(join(directory, entry), { force: true });
  }
}
