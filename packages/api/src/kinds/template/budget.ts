import { z } from "zod";

/** Sizes of budgets; what each allows stands in `@carrel/template`, `budget/budgets.ts`. */
export const BUDGET_SIZES = ["small", "medium", "large", "x-large", "xx-large", "xxx-large"] as const;
export type BudgetSize = (typeof BUDGET_SIZES)[number];

/**
 * What all the learner's objects in all namespaces of a session together may use: a named size, `custom` (what
 * `quota` says, which must bound cpu, memory and pods; the rest as in the largest size), or `unlimited` where the ceiling profile permits it.
 */
export const BUDGETS_OF_TEMPLATES = [...BUDGET_SIZES, "custom", "unlimited"] as const;
export type BudgetChoice = (typeof BUDGETS_OF_TEMPLATES)[number];

/** A Kubernetes quantity without sign or exponent: `250m`, `2`, `1.5Gi`. */
export const quantity = z
  .string()
  .regex(/^[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti|P|Pi)?$/)
  .max(20);

/** Keys of a ResourceQuota's `hard` and their values: in place of the budget's own, or beside them. */
export const quotaSchema = z.record(z.string().max(253), quantity).meta({ maxProperties: 64 });

const amounts = z
  .object({ cpu: quantity.optional(), memory: quantity.optional(), "ephemeral-storage": quantity.optional() })
  .optional();

/** Entries of the LimitRange that override those of the budget. */
export const limitsSchema = z.object({
  container: z.object({ min: amounts, max: amounts, default: amounts, defaultRequest: amounts }).optional(),
  pod: z.object({ min: amounts, max: amounts }).optional(),
  persistentVolumeClaim: z
    .object({
      min: z.object({ storage: quantity }).optional(),
      max: z.object({ storage: quantity }).optional(),
    })
    .optional(),
});
export type Limits = z.infer<typeof limitsSchema>;
