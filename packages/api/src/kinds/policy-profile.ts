import { z } from "zod";
import type { ObjectMeta } from "./object-meta.ts";

/** Kinds of one API group that a learner may create. */
export const allowedKindsSchema = z.object({
  /** API group; "" is the core group. */
  group: z.string().max(253),
  /** Kinds in singular CamelCase, e.g. `Deployment`. */
  kinds: z.array(z.string().max(63)).min(1).max(64),
});

/** What may be deployed inside a session. */
export const policyProfileSpecSchema = z.object({
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
});
export type PolicyProfileSpec = z.infer<typeof policyProfileSpecSchema>;

export interface PolicyProfile {
  readonly apiVersion: string;
  readonly kind: "PolicyProfile";
  readonly metadata: ObjectMeta;
  readonly spec: PolicyProfileSpec;
}
