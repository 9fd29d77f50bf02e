import { join } from "node:path";
import type { ClusterPaths } from "./cluster-paths.ts";

/** The configuration of the cluster's own containerd (version 1.6): it shares nothing with another one. */
export function containerdConfig(paths: ClusterPaths, pauseImage: string): string {
  return `version = 2
root = "${paths.containerdRoot}"
state = "${paths.containerdState}"
oom_score = 0
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
  "io.containerd.tracing.processor.v1.otlp",
  "io.containerd.internal.v1.tracing",
]

[grpc]
  address = "${paths.containerdSocket}"

[plugins."io.containerd.internal.v1.opt"]
  path = "${join(paths.containerdRoot, "opt")}"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  # Without CAP_SYS_RESOURCE no process may lower its OOM score, and every sandbox would fail.
  restrict_oom_score_adj = true
  # The network namespaces of pods are then found, and removed, with the cluster.
  netns_mounts_under_state_dir = true
  stream_server_address = "127.0.0.1"

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${paths.cniBin}"
    conf_dir = "${paths.cniConfigs}"

  # Read at each pull: see redirectRegistry.
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "${paths.registryHosts}"

  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"

      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
`;
}
