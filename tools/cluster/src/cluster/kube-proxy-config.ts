import { POD_CIDR } from "./cluster-addresses.ts";

/** kube-proxy's configuration (kubeproxy.config.k8s.io/v1alpha1). */
export function kubeProxyConfig(kubeconfig: string, nodeName: string): object {
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    clientConnection: { kubeconfig },
    hostnameOverride: nodeName,
    clusterCIDR: POD_CIDR,
    mode: "nftables",
    // At the default of 1 s, a Service is often usable a second later than its pod.
    nftables: { minSyncPeriod: "100ms" },
    // The limit belongs to the whole machine.
    conntrack: { maxPerCore: 0, min: 0 },
    oomScoreAdj: 0,
    healthzBindAddress: "127.0.0.1:10256",
    metricsBindAddress: "127.0.0.1:10249",
  };
}
