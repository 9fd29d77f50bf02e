import type { PolicyProfileSpec, SessionTemplateSpec } from "@carrel/api";
import type { Problem } from "./problem.ts";

/** What a template is held against. */
export interface LintContext {
  /** Profiles with `ceiling: true`; none: the built-in ceiling, i.e. the defaults of a profile. */
  readonly ceilings: readonly PolicyProfileSpec[];
  /** All profiles by name; undefined: which ones exist is not known. */
  readonly profiles?: ReadonlyMap<string, PolicyProfileSpec> | undefined;
}

export interface LintedTemplate {
  readonly metadata: { readonly name: string };
  readonly spec: SessionTemplateSpec;
}

/** Everything that is wrong with a template, and can be told before a session is made of it. */
export function lintTemplate(_template: LintedTemplate, _context: LintContext): readonly Problem[] {
  return [];
}
