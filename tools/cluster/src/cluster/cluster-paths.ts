import { join } from "node:path";
import { ClusterError } from "../cluster-error.ts";
import { stateDirectory } from "../process/environment.ts";

/** Every file and directory of one cluster. */
export interface ClusterPaths {
  readonly root: string;
  readonly record: string;
  readonly kubeconfig: string;
  readonly certificates: string;
  readonly configs: string;
  readonly components: string;
  readonly logs: string;
  readonly auditLog: string;
  readonly etcd: string;
  readonly kubelet: string;
  readonly podLogs: string;
  readonly cniBin: string;
  readonly cniConfigs: string;
  readonly cniAddresses: string;
  readonly containerdRoot: string;
  readonly containerdState: string;
  readonly containerdSocket: string;
  /** One directory per registry, as containerd's `config_path` has it. */
  readonly registryHosts: string;
  readonly networkPolicySocket: string;
  readonly networkNamespace: string;
  /** The name of the cluster's cgroup, below the root of every hierarchy. */
  readonly cgroup: string;
}

/** The directory that holds one directory per cluster. */
export function clustersDirectory(): string {
  return join(stateDirectory(), "clusters");
}

/** Whether a cluster may have this name: it becomes part of paths, a cgroup and a network namespace. */
export function isClusterName(name: string): boolean {
  return /^[a-z]([a-z0-9-]{0,28}[a-z0-9])?$/.test(name);
}

/**
 * Where the cluster of this name keeps what.
 * @throws ClusterError `INVALID` for a name that is no short DNS label, or a state directory whose path is too long.
 */
export function clusterPaths(name: string): ClusterPaths {
  if (!isClusterName(name)) {
    throw new ClusterError("INVALID", `"${name}" is no cluster name: at most 30 of a-z, 0-9 and -, a letter first`);
  }
  const root = join(clustersDirectory(), name);
  const containerdSocket = join(root, "containerd.sock");
  // sun_path of unix(7) holds 108 bytes; containerd appends ".ttrpc".
  if (Buffer.byteLength(containerdSocket) > 100) {
    throw new ClusterError(
      "INVALID",
      `the path ${root} is too long for Unix sockets: set XDG_STATE_HOME to a shorter one`,
    );
  }
  return {
    root,
    containerdSocket,
    record: join(root, "cluster.json"),
    kubeconfig: join(root, "kubeconfig"),
    certificates: join(root, "certificates"),
    configs: join(root, "configs"),
    components: join(root, "components"),
    logs: join(root, "logs"),
    auditLog: join(root, "logs", "audit.log"),
    etcd: join(root, "etcd"),
    kubelet: join(root, "kubelet"),
    podLogs: join(root, "pod-logs"),
    cniBin: join(root, "cni", "bin"),
    cniConfigs: join(root, "cni", "configs"),
    cniAddresses: join(root, "cni", "addresses"),
    containerdRoot: join(root, "containerd"),
    containerdState: join(root, "containerd-state"),
    registryHosts: join(root, "registries"),
    networkPolicySocket: join(root, "network-policy.sock"),
    networkNamespace: join("/run/netns", `carrel-${name}`),
    cgroup: `carrel-${name}`,
  };
}
