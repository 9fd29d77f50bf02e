import { z } from "zod";
import type { ObjectMeta } from "./object-meta.ts";
import { accessRuleSchema, roleSchema } from "./template/access.ts";
import { BUDGET_SIZES, quotaSchema } from "./template/budget.ts";

/** Kinds of one API group that a learner may create. */
export const allowedKindsSchema = z.object({
  /** API group; "" is the core group. */
  group: z.string().max(253),
  /** Kinds in singular CamelCase, e.g. `Deployment`. */
  kinds: z.array(z.string().max(63)).min(1).max(64),
});

const names = (length: number) => z.array(z.string().max(length)).max(64);

/** What may be deployed inside a session. An absent list leaves the built-in answer; an empty one allows nothing. */
export const policyProfileSpecSchema = z.object({
  description: z.string().max(1024).optional(),
  podSecurity: z
    .object({
      /** Pod Security Standard that every pod and pod template must meet. */
      level: z.enum(["restricted", "baseline", "privileged"]).default("restricted"),
      /** `v1.N` or `latest`. */
      version: z
        .string()
        .regex(/^(latest|v1\.(0|[1-9][0-9]?))$/)
        .max(8)
        .default("latest"),
    })
    .default({ level: "restricted", version: "latest" }),
  /** Kinds that may be created; anything else is denied. Absent: the built-in list of ordinary kinds. */
  kinds: z.array(allowedKindsSchema).max(64).optional(),
  /** Kinds beside the built-in ones (custom resources of operators); `kinds` replaces, this adds. */
  extraKinds: z.array(allowedKindsSchema).max(64).default([]),
  /** Image prefixes, on a path boundary, e.g. `registry.example.com/courses`. Absent: any. */
  registries: names(253).optional(),
  /** Names of RuntimeClasses that pods may ask for. */
  runtimeClasses: names(63).default([]),
  /** Names of StorageClasses. Absent: any. */
  storageClasses: names(63).optional(),
  /** Finalizers that learners' objects may carry. */
  finalizers: names(316).default([]),
  /** Rules by id that only warn (`audit`) or are left out (`off`); every other one is enforced. */
  rules: z
    .array(z.object({ id: z.string().max(63), mode: z.enum(["enforce", "audit", "off"]) }))
    .max(64)
    .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["id"] })
    .default([]),
  /** This profile bounds every other one and every template. Several: all of them do. */
  ceiling: z.boolean().default(false),
  /** Of a ceiling: the most that a template may ask for. */
  maxBudget: z.enum([...BUDGET_SIZES, "unlimited"]).default("xxx-large"),
  maxRole: roleSchema.default("admin"),
  /** Of a ceiling: the greatest values of quota keys that no budget counts, e.g. `requests.nvidia.com/gpu`. */
  maxQuota: quotaSchema.default({}),
  /** Of a ceiling: what `rules` of templates may grant at most, inside a namespace. */
  maxRules: z.array(accessRuleSchema).max(64).default([]),
  /** Of a ceiling: what `clusterRules` may grant at most. */
  maxClusterRules: z.array(accessRuleSchema).max(64).default([]),
  /** Of a ceiling: cluster-scoped kinds that `objects` may bring along. */
  clusterObjects: z.array(allowedKindsSchema).max(64).default([]),
});
export type PolicyProfileSpec = z.infer<typeof policyProfileSpecSchema>;

export interface PolicyProfile {
  readonly apiVersion: string;
  readonly kind: "PolicyProfile";
  readonly metadata: ObjectMeta;
  readonly spec: PolicyProfileSpec;
}
