import { LIMIT_RANGES, NETWORK_POLICIES, RESOURCE_QUOTAS, SERVICE_ACCOUNTS } from "@carrel/kube";
import { planRules } from "./access.ts";
import { planLimitRange } from "./limit-range.ts";
import { planNetworkPolicy } from "./network-policy.ts";
import type { PlannedObject } from "./planned-object.ts";
import { planQuotas } from "./quota.ts";
import { planServiceAccount } from "./service-accounts.ts";
import type { WorkspaceContext } from "./workspace-context.ts";

/**
 * What a session's namespaces must hold before the desk may start: account, quotas, limits, isolation, and rules that
 * are not bound yet. None of them depends on another, so they are created in parallel: one stage of API calls. Pure.
 */
export function planContents(context: WorkspaceContext): PlannedObject[] {
  return [
    { resource: SERVICE_ACCOUNTS, object: planServiceAccount(context) },
    ...context.namespaces.flatMap((namespace) => [
      ...planQuotas(context, namespace).map((object) => ({ resource: RESOURCE_QUOTAS, object })),
      { resource: LIMIT_RANGES, object: planLimitRange(context, namespace) },
      { resource: NETWORK_POLICIES, object: planNetworkPolicy(context, namespace) },
    ]),
    ...planRules(context),
  ];
}
