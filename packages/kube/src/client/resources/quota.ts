import { type KubeObject, resource } from "../resource.ts";
import type { ResourceList } from "./pod.ts";

export interface ResourceQuota extends KubeObject {
  readonly spec?: {
    readonly hard?: ResourceList;
    readonly scopes?: readonly string[];
    readonly scopeSelector?: {
      readonly matchExpressions?: readonly {
        readonly scopeName: string;
        readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
        readonly values?: readonly string[];
      }[];
    };
  };
  /** Set once the quota controller has seen it: only then does it count. */
  readonly status?: { readonly hard?: ResourceList; readonly used?: ResourceList };
}

export interface LimitRange extends KubeObject {
  readonly spec: {
    readonly limits: readonly {
      readonly type: "Pod" | "Container" | "PersistentVolumeClaim";
      readonly min?: ResourceList;
      readonly max?: ResourceList;
      readonly default?: ResourceList;
      readonly defaultRequest?: ResourceList;
      readonly maxLimitRequestRatio?: ResourceList;
    }[];
  };
}

export const RESOURCE_QUOTAS = resource<ResourceQuota>("v1", "ResourceQuota", "resourcequotas");
export const LIMIT_RANGES = resource<LimitRange>("v1", "LimitRange", "limitranges");
