import { LIMIT_RANGES, NETWORK_POLICIES, SERVICE_ACCOUNTS } from "@carrel/kube";
import { planRules } from "./access.ts";
import { planLimitRange } from "./limit-range.ts";
import { planNetworkPolicy } from "./network-policy.ts";
import type { PlannedObject } from "./planned-object.ts";
import { planServiceAccount } from "./service-accounts.ts";
import type { WorkspaceContext } from "./workspace-context.ts";

/**
 * What a session's namespaces must hold before the desk may start: account, limits, isolation, and rules that are not
 * bound yet. None of them depends on another, so they are created in parallel: one stage of API calls. Quotas come
 * later: they bind the learner, who has no rights yet. Pure.
 */
export function planContents(context: WorkspaceContext): PlannedObject[] {
  return [
    { resource: SERVICE_ACCOUNTS, object: planServiceAccount(context) },
    ...context.namespaces.flatMap((namespace) => [
      { resource: LIMIT_RANGES, object: planLimitRange(context, namespace) },
      { resource: NETWORK_POLICIES, object: planNetworkPolicy(context, namespace) },
    ]),
    ...planRules(context),
  ];
}
