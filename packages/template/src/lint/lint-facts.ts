import type { PolicyProfileSpec, SessionTemplateSpec } from "@carrel/api";
import type { Problem } from "./problem.ts";

/** What a check looks at. */
export interface LintFacts {
  readonly name: string;
  readonly spec: SessionTemplateSpec;
  /** At least one; a template must keep to all. */
  readonly ceilings: readonly PolicyProfileSpec[];
  /** Undefined: which profiles exist is not known. */
  readonly profiles: ReadonlyMap<string, PolicyProfileSpec> | undefined;
  /** Names of the operator's constants; undefined: not known, any passes. */
  readonly values: ReadonlySet<string> | undefined;
  /** Scope of kinds by `apiVersion/Kind`, as far as known. */
  readonly kinds: ReadonlyMap<string, { readonly namespaced: boolean }>;
}

/** Looks for one sort of mistake. Pure. */
export type Check = (facts: LintFacts) => readonly Problem[];

export function errorAt(rule: string, path: string, message: string): Problem {
  return { rule, path, message, severity: "error" };
}

export function warningAt(rule: string, path: string, message: string): Problem {
  return { rule, path, message, severity: "warning" };
}
