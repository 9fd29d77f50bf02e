import { DESK_PRIORITY_CLASS, Quantity } from "@carrel/api";
import type { ResourceQuota } from "@carrel/kube";
import { addAmounts, type Amounts, formatAmounts, pickAmounts } from "@carrel/template";
import { deskAmounts } from "./desk-amounts.ts";
import type { SessionNamespace } from "./session-namespace.ts";
import { ownMetadata, type WorkspaceContext } from "./workspace-context.ts";

/** Name of the quota that counts the workspace pod alone. */
export const DESK_QUOTA = "desk";

/** Keys that a quota scoped by priority class can count. */
const COMPUTE_KEYS = new Set(["pods", "requests.cpu", "limits.cpu", "requests.memory", "limits.memory"]);

/**
 * The native quotas of a namespace; over all namespaces their sum is the session's budget, beside room for what is
 * Kubernetes' and Carrel's own. In the primary one they are split by priority class, because a learner must never
 * starve their own desk: `desk` counts the workspace pod alone, `compute` every other pod; `objects` counts what cannot
 * be scoped. Elsewhere there is no desk to protect: one quota `budget` counts all, whatever priority a pod claims.
 *
 * Pure. @throws CarrelError `INVALID` for an amount that is no quantity or an unknown variable in one.
 */
export function planQuotas(context: WorkspaceContext, namespace: SessionNamespace): ResourceQuota[] {
  const { part, primary } = namespace;
  const quota = (name: string, hard: Amounts, operator?: "In" | "NotIn"): ResourceQuota => ({
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: ownMetadata(context.workspace, name, namespace.name),
    spec: {
      hard: formatAmounts(hard),
      ...(operator === undefined
        ? {}
        : {
            scopeSelector: {
              matchExpressions: [{ scopeName: "PriorityClass", operator, values: [DESK_PRIORITY_CLASS] }],
            },
          }),
    },
  });
  const room = ownRoom(context, namespace);
  const withRoom = (hard: Amounts): Amounts =>
    addAmounts(
      hard,
      pickAmounts(room, (key) => hard[key] !== undefined),
    );
  if (!primary) return [quota("budget", withRoom(part))];
  const compute = pickAmounts(part, (key) => COMPUTE_KEYS.has(key));
  const objects = pickAmounts(part, (key) => !COMPUTE_KEYS.has(key));
  return [
    quota(DESK_QUOTA, { pods: Quantity.parse("1") }, "In"),
    ...(Object.keys(compute).length === 0 ? [] : [quota("compute", compute, "NotIn")]),
    quota("objects", withRoom(objects)),
  ];
}

/** What stands in a namespace that is not the learner's: it must not eat of their budget. */
function ownRoom(context: WorkspaceContext, { alias, primary, rules }: SessionNamespace): Amounts {
  const { template } = context;
  const count = (n: number): Quantity => Quantity.parse(String(n));
  const copied = template.secrets.filter(({ namespaces }) => namespaces.includes(alias)).length;
  const rulesOfItsOwn = rules.length === 0 ? 0 : 1;
  const everywhere = {
    // kube-root-ca.crt
    configmaps: count(1),
    secrets: count(copied + (primary && template.generate.length > 0 ? 1 : 0)),
    // default, learner
    "count/serviceaccounts": count(primary ? 2 : 1),
    "count/roles.rbac.authorization.k8s.io": count(rulesOfItsOwn),
    "count/rolebindings.rbac.authorization.k8s.io": count(1 + rulesOfItsOwn),
  };
  if (!primary) return everywhere;
  const desk = deskAmounts(context);
  return {
    ...everywhere,
    "count/pods": count(1),
    "requests.ephemeral-storage": desk.requests["ephemeral-storage"] ?? Quantity.zero,
    "limits.ephemeral-storage": desk.limits["ephemeral-storage"] ?? Quantity.zero,
  };
}
