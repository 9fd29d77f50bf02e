import {
  LIMIT_RANGES,
  NETWORK_POLICIES,
  RESOURCE_QUOTAS,
  SERVICE_ACCOUNTS,
  type KubeObject,
  type Resource,
} from "@carrel/kube";
import { planNetworkPolicy } from "./network-policy.ts";
import { planLimitRange, planQuotas } from "./quota.ts";
import { planServiceAccount } from "./rbac.ts";
import type { WorkspaceContext } from "./workspace-context.ts";

/** An object to create, with where it lives. */
export interface PlannedObject {
  readonly resource: Resource;
  readonly object: KubeObject;
}

/**
 * What a session's namespace must hold before the desk may start: account, quotas, limits, isolation. None of them
 * depends on another, so they are created in parallel: one stage of API calls.
 */
export function planContents(context: WorkspaceContext): PlannedObject[] {
  return [
    { resource: SERVICE_ACCOUNTS, object: planServiceAccount(context) },
    ...planQuotas(context).map((object) => ({ resource: RESOURCE_QUOTAS, object })),
    { resource: LIMIT_RANGES, object: planLimitRange(context) },
    { resource: NETWORK_POLICIES, object: planNetworkPolicy(context) },
  ];
}
