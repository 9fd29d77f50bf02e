/**
 * @carrel/template: what a SessionTemplate means. Variables and their stages, parameters, generated secrets, the plan
 * of its objects, and everything that can be wrong with it. Pure: no I/O but for random bytes.
 *
 * @module
 */
export * from "./budget/amounts.ts";
export * from "./budget/budgets.ts";
export * from "./generate/generate-secrets.ts";
export * from "./generate/generated-secret.ts";
export * from "./generate/generated-variables.ts";
export type { RandomSource } from "./generate/random-index.ts";
export * from "./lint/lint-template.ts";
export * from "./lint/problem.ts";
export * from "./lint/schema-rules.ts";
export * from "./objects/carrels-names.ts";
export * from "./objects/plan-objects.ts";
export * from "./parameters/resolve-parameters.ts";
export * from "./variables/claim-variables.ts";
export * from "./variables/functions.ts";
export { childPath } from "./variables/map-strings.ts";
export * from "./variables/references-of.ts";
export * from "./variables/render-variables.ts";
export * from "./variables/typed-variables.ts";
export * from "./variables/variable-table.ts";
export * from "./variables/variables.ts";
export * from "./variables/workspace-variables.ts";
