import type { Kubeconfig } from "../certificates/kubeconfig.ts";

/** A running cluster of one node with real pods, as `startCluster` gives it. Plain data: it may be passed around. */
export interface Cluster {
  readonly name: string;
  /** `https://NODE:6443`, reachable from this machine only. */
  readonly server: string;
  /** The administrator's kubeconfig (group system:masters), as object and as file. */
  readonly kubeconfig: Kubeconfig;
  readonly kubeconfigPath: string;
  /** Address of the node: API server, kubelet and node ports (30000–32767) are reached here. */
  readonly nodeAddress: string;
  /** Address of this machine as the node and its pods see it: servers for webhooks and tests listen here. */
  readonly hostAddress: string;
  /** One JSON object a line (audit.k8s.io/v1 Event, metadata level). */
  readonly auditLogPath: string;
  /** One file per component. */
  readonly logsDirectory: string;
  /** All state of the cluster; gone when it is stopped. */
  readonly directory: string;
  /** For `ctr --address`. */
  readonly containerdSocket: string;
  /** For `nsenter --net=`. */
  readonly networkNamespacePath: string;
}

/** A component of a cluster and whether it runs. */
export interface ComponentStatus {
  readonly name: string;
  readonly pid: number;
  readonly alive: boolean;
  readonly logPath: string;
}

/** What `clusterStatus` found. */
export interface ClusterStatus {
  readonly name: string;
  /** `starting`: not finished, or its launcher died; `broken`: a component has ended or the API does not answer. */
  readonly state: "absent" | "starting" | "running" | "broken";
  readonly components: readonly ComponentStatus[];
  /** Set while `running` or `broken`. */
  readonly cluster: Cluster | undefined;
}
