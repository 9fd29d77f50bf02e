/** API group and kinds in it. */
export interface KindsOfGroup {
  readonly group: string;
  readonly kinds: readonly string[];
}

/**
 * What a learner may create where the profile does not say otherwise. Not here, and so denied: DaemonSet (a pod on
 * each node), PodDisruptionBudget (holds up drains), Ingress and Gateway API (hosts), NetworkPolicy (one that allows
 * opens the isolation), Role and RoleBinding, Endpoints and EndpointSlice (CVE-2021-25740), every custom resource.
 */
export const ORDINARY_KINDS: readonly KindsOfGroup[] = [
  {
    group: "",
    kinds: ["Pod", "ConfigMap", "Secret", "Service", "ServiceAccount", "PersistentVolumeClaim", "Event"],
  },
  { group: "apps", kinds: ["Deployment", "ReplicaSet", "StatefulSet"] },
  { group: "batch", kinds: ["Job", "CronJob"] },
  { group: "autoscaling", kinds: ["HorizontalPodAutoscaler"] },
  { group: "events.k8s.io", kinds: ["Event"] },
];
