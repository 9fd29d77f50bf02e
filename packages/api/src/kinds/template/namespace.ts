import { z } from "zod";
import { accessRuleSchema, roleSchema } from "./access.ts";
import { limitsSchema } from "./budget.ts";

/** A namespace beside the primary one. Called `WORKSPACE-NAME`; in variables `$(namespaces.NAME)`. */
export const additionalNamespaceSchema = z.object({
  name: z
    .string()
    .regex(/^[a-z]([-a-z0-9]{0,18}[a-z0-9])?$/)
    .max(20),
  /** Default: the template's role. */
  role: roleSchema.optional(),
  rules: z.array(accessRuleSchema).max(32).default([]),
  /** Default: the template's policy. */
  policy: z.object({ profile: z.string().max(63) }).optional(),
  /**
   * Percent of the session's one budget that this namespace begins with; the primary namespace has the rest. Default:
   * an equal part.
   */
  share: z.int().min(1).max(95).optional(),
  limits: limitsSchema.optional(),
});
export type AdditionalNamespace = z.infer<typeof additionalNamespaceSchema>;
