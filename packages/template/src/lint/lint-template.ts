import { policyProfileSpecSchema, type PolicyProfileSpec, type SessionTemplateSpec } from "@carrel/api";
import { access } from "./checks/access.ts";
import { budget } from "./checks/budget.ts";
import { costlyCalls } from "./checks/costly-calls.ts";
import { copiedSecrets } from "./checks/copied-secrets.ts";
import { deskSize } from "./checks/desk-size.ts";
import { desk } from "./checks/desk.ts";
import { endpoints } from "./checks/endpoints.ts";
import { generated } from "./checks/generated.ts";
import { namespaces } from "./checks/namespaces.ts";
import { objectAccess } from "./checks/object-access.ts";
import { objectFields } from "./checks/object-fields.ts";
import { objectKinds } from "./checks/object-kinds.ts";
import { objectNames } from "./checks/object-names.ts";
import { objectOrder } from "./checks/object-order.ts";
import { parameters } from "./checks/parameters.ts";
import { policy } from "./checks/policy.ts";
import { pool } from "./checks/pool.ts";
import { secretParameters } from "./checks/secret-parameters.ts";
import { size } from "./checks/size.ts";
import { sparePods } from "./checks/spare-pods.ts";
import { stages } from "./checks/stages.ts";
import { typedValues } from "./checks/typed-values.ts";
import { variables } from "./checks/variables.ts";
import type { Check, LintFacts } from "./lint-facts.ts";
import type { Problem } from "./problem.ts";

/** What a template is held against. */
export interface LintContext {
  /** Profiles with `ceiling: true`; none: the built-in ceiling, i.e. the defaults of a profile. */
  readonly ceilings: readonly PolicyProfileSpec[];
  /** All profiles by name; undefined: which ones exist is not known. */
  readonly profiles?: ReadonlyMap<string, PolicyProfileSpec> | undefined;
  /** Names of the operator's constants; undefined: not known, any passes. */
  readonly values?: readonly string[] | undefined;
  /** Scope of kinds by `apiVersion/Kind`, where the API server was asked; built-in ones are known anyway. */
  readonly kinds?: ReadonlyMap<string, { readonly namespaced: boolean }> | undefined;
}

export interface LintedTemplate {
  readonly metadata: { readonly name: string };
  readonly spec: SessionTemplateSpec;
}

const CHECKS: readonly Check[] = [
  size,
  variables,
  costlyCalls,
  stages,
  sparePods,
  secretParameters,
  typedValues,
  parameters,
  generated,
  namespaces,
  access,
  policy,
  budget,
  desk,
  deskSize,
  objectFields,
  objectKinds,
  objectAccess,
  objectNames,
  objectOrder,
  copiedSecrets,
  endpoints,
  pool,
];

/** More are of no help to anybody, and would make replies long. */
const MAX_PROBLEMS = 100;

/** Where no ceiling is, profiles alone say what pods may be. */
const BUILT_IN_CEILING: PolicyProfileSpec = policyProfileSpecSchema.parse({ podSecurity: { level: "privileged" } });
/** What a ceiling says that says nothing. */
const SILENT_CEILING: PolicyProfileSpec = policyProfileSpecSchema.parse({});

/**
 * Everything that is wrong with a template and can be told before a session is made of it: what sessions of it could
 * not be built with, and what the ceilings do not allow. The schema and its CEL rules are not repeated here; the spec
 * must have passed them. Errors come first; at most {@link MAX_PROBLEMS} are told. Pure, and quick: a millisecond or so.
 */
export function lintTemplate(template: LintedTemplate, context: LintContext): readonly Problem[] {
  const facts: LintFacts = {
    name: template.metadata.name,
    spec: template.spec,
    // As stored, a ceiling may lack what its author left out.
    ceilings: (context.ceilings.length > 0 ? context.ceilings : [BUILT_IN_CEILING]).map((ceiling) => ({
      ...SILENT_CEILING,
      ...ceiling,
    })),
    profiles: context.profiles,
    values: context.values === undefined ? undefined : new Set(context.values),
    kinds: context.kinds ?? new Map(),
  };
  const found = CHECKS.flatMap((check) => check(facts));
  const errors = found.filter(({ severity }) => severity === "error");
  return [...errors, ...found.filter(({ severity }) => severity === "warning")].slice(0, MAX_PROBLEMS);
}
