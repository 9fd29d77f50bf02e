import { join } from "node:path";
import type { ClusterPaths } from "./cluster-paths.ts";

/** The address of the cluster's DNS Service. */
export const DNS_ADDRESS = "10.96.0.10";

/** The kubelet's configuration (kubelet.config.k8s.io/v1beta1). */
export function kubeletConfig(paths: ClusterPaths, nodeAddress: string): object {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: nodeAddress,
    readOnlyPort: 0,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: join(paths.certificates, "ca.crt") },
    },
    authorization: { mode: "Webhook" },
    tlsCertFile: join(paths.certificates, "kubelet-server.crt"),
    tlsPrivateKeyFile: join(paths.certificates, "kubelet-server.key"),
    containerRuntimeEndpoint: `unix://${paths.containerdSocket}`,
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${paths.cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    clusterDNS: [DNS_ADDRESS],
    clusterDomain: "cluster.local",
    resolvConf: join(paths.configs, "resolv.conf"),
    podLogsDir: paths.podLogs,
    volumePluginDir: join(paths.kubelet, "volume-plugins"),
    // The disk and memory of this machine are shared: only real need evicts.
    evictionHard: {
      "memory.available": "100Mi",
      "nodefs.available": "1%",
      "imagefs.available": "1%",
      "nodefs.inodesFree": "1%",
    },
    // Images are imported, not pulled: a collected one would be gone for good.
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    serializeImagePulls: false,
    maxPods: 250,
    // Lowering the OOM score needs CAP_SYS_RESOURCE.
    oomScoreAdj: 0,
    makeIPTablesUtilChains: false,
  };
}
