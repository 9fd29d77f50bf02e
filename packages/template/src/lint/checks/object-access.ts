import { accessRuleSchema, ROLES, type AccessRule } from "@carrel/api";
import { childPath } from "../../variables/map-strings.ts";
import { groupOf } from "../kind-scope.ts";
import { errorAt, type Check, type LintFacts } from "../lint-facts.ts";
import type { Problem } from "../problem.ts";
import { clusterRulesProblems, maxRoleOf, rulesProblems } from "./access.ts";

type Template = LintFacts["spec"]["objects"][number]["template"];

const RBAC = "rbac.authorization.k8s.io";
/** Part of the labels by which ClusterRoles such as `admin` and `view` find the roles that they consist of. */
const AGGREGATE = "/aggregate-to-";
const NAMED_ROLE = /^carrel-learner-(admin|edit|view)$/;

/**
 * Roles and bindings among the objects, e.g. for the accounts of what the template deploys: they may give no more than
 * `rules` and `clusterRules` may, and only to accounts of the session.
 */
export const objectAccess: Check = (facts) =>
  facts.spec.objects.flatMap(({ template }, index) => {
    if (groupOf(template.apiVersion) !== RBAC) return [];
    const path = `spec.objects[${index}].template`;
    if (template.kind === "Role" || template.kind === "ClusterRole") return roleProblems(template, path, facts);
    return [...subjectProblems(template, path), ...referenceProblems(template, path, facts)];
  });

function roleProblems(template: Template, path: string, { ceilings }: LintFacts): readonly Problem[] {
  if (template["aggregationRule"] !== undefined) {
    return [errorAt("object-rule", `${path}.aggregationRule`, "must not be set: what it would give is not known")];
  }
  const aggregated = Object.keys(template.metadata["labels"] ?? {}).find((key) => key.includes(AGGREGATE));
  if (aggregated !== undefined) {
    const message = "must not be set: others' roles would take its rules in, for the accounts of the whole cluster";
    return [errorAt("object-rule", childPath(`${path}.metadata.labels`, aggregated), message)];
  }
  const given: readonly unknown[] = Array.isArray(template["rules"]) ? (template["rules"] as unknown[]) : [];
  const rules: AccessRule[] = [];
  for (const [index, rule] of given.entries()) {
    const parsed = accessRuleSchema.strict().safeParse(rule);
    const { data } = parsed;
    if (data === undefined || [data.apiGroups, data.resources, data.verbs].flat().some((text) => text.includes("$("))) {
      const message = "must be a rule with apiGroups, resources and verbs, without variables, at most 32 of each";
      return [errorAt("object-rule", `${path}.rules[${index}]`, message)];
    }
    rules.push(data);
  }
  const check = template.kind === "Role" ? rulesProblems : clusterRulesProblems;
  return check(rules, `${path}.rules`, ceilings);
}

function subjectProblems(template: Template, path: string): readonly Problem[] {
  const subjects: readonly unknown[] = Array.isArray(template["subjects"]) ? (template["subjects"] as unknown[]) : [];
  return subjects.flatMap((subject, index) => {
    const { kind, namespace } = (subject ?? {}) as { readonly kind?: unknown; readonly namespace?: unknown };
    const own =
      namespace === "$(session.namespace)" ||
      (typeof namespace === "string" && /^\$\(namespaces\.[a-z0-9-]+\)$/.test(namespace));
    if (kind === "ServiceAccount" && own) return [];
    const message =
      "must be a ServiceAccount with namespace: $(session.namespace) or $(namespaces.NAME): rights go to the session's own accounts only";
    return [errorAt("object-subject", `${path}.subjects[${index}]`, message)];
  });
}

function referenceProblems(template: Template, path: string, { spec, ceilings }: LintFacts): readonly Problem[] {
  const { kind, name } = (template["roleRef"] ?? {}) as { readonly kind?: unknown; readonly name?: unknown };
  const at = `${path}.roleRef`;
  const named =
    template.kind === "RoleBinding" && kind === "ClusterRole" && typeof name === "string"
      ? NAMED_ROLE.exec(name)
      : null;
  if (named !== null) {
    const most = maxRoleOf(ceilings);
    const role = ROLES.findIndex((candidate) => candidate === named[1]);
    return role >= ROLES.indexOf(most)
      ? []
      : [errorAt("object-role", at, `${String(name)} is more than a ceiling profile allows; at most ${most}`)];
  }
  const own = spec.objects.some(
    (object) =>
      groupOf(object.template.apiVersion) === RBAC &&
      object.template.kind === kind &&
      object.template.metadata["name"] === name,
  );
  if (own) return [];
  const message =
    "must name a Role or ClusterRole among the template's objects, or the ClusterRole carrel-learner-admin, -edit or -view in a RoleBinding";
  return [errorAt("object-role", at, message)];
}
