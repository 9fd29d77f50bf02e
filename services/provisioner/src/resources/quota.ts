import { DESK_PRIORITY_CLASS, type BudgetSize } from "@carrel/api";
import type { LimitRange, ResourceQuota } from "@carrel/kube";
import { BUDGETS } from "./budgets.ts";
import { ownMetadata, type WorkspaceContext } from "./workspace-context.ts";

/** Room in `objects` for what Kubernetes and Carrel put there themselves (kube-root-ca.crt, ServiceAccounts). */
const SYSTEM_CONFIG_MAPS = 1;
/** Ephemeral storage of the desk, which an unscoped quota counts too (scoped quotas cannot count storage). */
const DESK_EPHEMERAL_GI = 2;

/**
 * The session's native quotas. They are split by priority class because a learner must never starve their own desk:
 * `desk` counts the workspace pod alone, `compute` everything else; `objects` counts what has no scope.
 */
export function planQuotas(context: WorkspaceContext): ResourceQuota[] {
  const { workspace, template } = context;
  const budget = BUDGETS[template.budget as BudgetSize];
  const scope = (operator: "In" | "NotIn"): object => ({
    scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator, values: [DESK_PRIORITY_CLASS] }] },
  });
  const quota = (name: string, spec: object): ResourceQuota =>
    ({ apiVersion: "v1", kind: "ResourceQuota", metadata: ownMetadata(workspace, name), spec }) as ResourceQuota;
  return [
    quota("desk", { ...scope("In"), hard: { pods: "1" } }),
    quota("compute", {
      ...scope("NotIn"),
      hard: {
        pods: String(budget.pods),
        "requests.cpu": budget.cpu,
        "limits.cpu": budget.cpu,
        "requests.memory": budget.memory,
        "limits.memory": budget.memory,
      },
    }),
    quota("objects", {
      hard: {
        "requests.ephemeral-storage": `${budget.ephemeralStorageGi + DESK_EPHEMERAL_GI}Gi`,
        "limits.ephemeral-storage": `${budget.ephemeralStorageGi + DESK_EPHEMERAL_GI}Gi`,
        "requests.storage": `${budget.volumes * budget.volumeGi}Gi`,
        persistentvolumeclaims: String(budget.volumes),
        configmaps: String(budget.secrets + SYSTEM_CONFIG_MAPS),
        secrets: String(budget.secrets),
        services: String(budget.services),
        "services.loadbalancers": "0",
        "services.nodeports": "0",
        "count/pods": String(2 * budget.pods + 1),
        "count/deployments.apps": String(budget.pods),
        "count/replicasets.apps": String(3 * budget.pods),
        "count/statefulsets.apps": String(budget.pods),
        "count/jobs.batch": String(budget.pods),
        "count/cronjobs.batch": String(budget.pods),
        "count/horizontalpodautoscalers.autoscaling": String(budget.pods),
        "count/serviceaccounts": "4",
      },
    }),
  ];
}

/** Defaults and maxima, so that a pod without resources fits the quota instead of being refused. */
export function planLimitRange({ workspace, template }: WorkspaceContext): LimitRange {
  const budget = BUDGETS[template.budget as BudgetSize];
  return {
    apiVersion: "v1",
    kind: "LimitRange",
    metadata: ownMetadata(workspace, "limits"),
    spec: {
      limits: [
        {
          type: "Container",
          default: { cpu: budget.defaultCpu, memory: budget.defaultMemory, "ephemeral-storage": "256Mi" },
          defaultRequest: { cpu: "50m", memory: "128Mi", "ephemeral-storage": "64Mi" },
          min: { cpu: "1m", memory: "1Mi" },
        },
        { type: "PersistentVolumeClaim", min: { storage: "1Mi" }, max: { storage: `${budget.volumeGi}Gi` } },
      ],
    },
  };
}
