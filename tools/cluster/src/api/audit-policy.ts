/**
 * The audit policy: one line of metadata for every request that is complete, but for the heartbeats and caches of
 * Kubernetes' own components, which would drown the rest. What Carrel's services and people ask is always there.
 */
export const AUDIT_POLICY = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [
    { level: "None", nonResourceURLs: ["/healthz*", "/livez*", "/readyz*", "/openapi*", "/version"] },
    {
      level: "None",
      users: [
        "system:apiserver",
        "system:kube-scheduler",
        "system:kube-controller-manager",
        "system:kube-proxy",
        "carrel:network-policy",
      ],
      verbs: ["get", "list", "watch"],
    },
    {
      level: "None",
      userGroups: ["system:nodes", "system:serviceaccounts:kube-system"],
      verbs: ["get", "list", "watch"],
    },
    {
      level: "None",
      userGroups: ["system:nodes", "system:serviceaccounts:kube-system"],
      resources: [{ group: "coordination.k8s.io", resources: ["leases"] }],
    },
    { level: "Metadata" },
  ],
} as const;
