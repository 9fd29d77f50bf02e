import { ROLES, type AccessRule, type PolicyProfileSpec, type Role } from "@carrel/api";
import { beyond, type Right } from "../../access/beyond.ts";
import { ROLE_RULES } from "../../access/role-rules.ts";
import { errorAt, type Check } from "../lint-facts.ts";
import type { Problem } from "../problem.ts";

/** How many rights a message lists. */
const MAX_SHOWN = 5;
/** Verbs that no learner and no object of a session ever gets, whatever a ceiling says. */
const NEVER = new Set(["*", "escalate", "bind", "impersonate"]);

/** Roles and rules above what a ceiling allows. */
export const access: Check = ({ spec, ceilings }) => [
  ...roleProblems(spec.role, "spec.role", ceilings),
  ...rulesProblems(spec.rules, "spec.rules", ceilings),
  ...clusterRulesProblems(spec.clusterRules, "spec.clusterRules", ceilings),
  ...spec.namespaces.flatMap(({ role, rules }, index) => [
    ...(role === undefined ? [] : roleProblems(role, `spec.namespaces[${index}].role`, ceilings)),
    ...rulesProblems(rules, `spec.namespaces[${index}].rules`, ceilings),
  ]),
];

/** The most that all ceilings together allow. */
export function maxRoleOf(ceilings: readonly PolicyProfileSpec[]): Role {
  const least = Math.max(...ceilings.map(({ maxRole }) => ROLES.indexOf(maxRole)));
  return ROLES[least] ?? "none";
}

function roleProblems(role: Role, path: string, ceilings: readonly PolicyProfileSpec[]): readonly Problem[] {
  const most = maxRoleOf(ceilings);
  if (ROLES.indexOf(role) >= ROLES.indexOf(most)) return [];
  return [errorAt("role-above-ceiling", path, `${role} is more than a ceiling profile allows; at most ${most}`)];
}

/** Rules inside a namespace: what the greatest allowed role gives anyway, and what every ceiling's `maxRules` list. */
export function rulesProblems(
  rules: readonly AccessRule[],
  path: string,
  ceilings: readonly PolicyProfileSpec[],
): readonly Problem[] {
  const ofRole = ROLE_RULES[maxRoleOf(ceilings)];
  return rules.flatMap((rule, index) =>
    tooMuch(rule, `${path}[${index}]`, {
      rule: "rule-above-ceiling",
      limits: ceilings.map(({ maxRules }) => [...ofRole, ...maxRules]),
      field: "maxRules",
    }),
  );
}

/** Rules for the whole cluster: nothing but what every ceiling's `maxClusterRules` list. */
export function clusterRulesProblems(
  rules: readonly AccessRule[],
  path: string,
  ceilings: readonly PolicyProfileSpec[],
): readonly Problem[] {
  return rules.flatMap((rule, index) =>
    tooMuch(rule, `${path}[${index}]`, {
      rule: "cluster-rule-above-ceiling",
      limits: ceilings.map(({ maxClusterRules }) => maxClusterRules),
      field: "maxClusterRules",
    }),
  );
}

interface Limit {
  readonly rule: string;
  readonly limits: readonly (readonly AccessRule[])[];
  readonly field: string;
}

function tooMuch(rule: AccessRule, path: string, { rule: id, limits, field }: Limit): readonly Problem[] {
  const never = rule.verbs.find((verb) => NEVER.has(verb));
  if (never !== undefined) return [errorAt(id, `${path}.verbs`, `${never} is never given to a learner`)];
  const excess = limits.map((allowed) => beyond(rule, allowed)).find((rights) => rights.length > 0);
  if (excess === undefined) return [];
  const shown = excess.slice(0, MAX_SHOWN).map(wordRight).join(", ");
  const more = excess.length > MAX_SHOWN ? ` and ${excess.length - MAX_SHOWN} more` : "";
  return [
    errorAt(
      id,
      path,
      `a ceiling profile does not allow ${shown}${more}; an operator may list it in ${field} of each PolicyProfile with ceiling: true`,
    ),
  ];
}

function wordRight({ verb, resource, name }: Right): string {
  return `${verb} ${resource}${name === undefined ? "" : `/${name}`}`;
}
