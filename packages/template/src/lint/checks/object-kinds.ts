import { GROUP } from "@carrel/api";
import { parseText } from "../../variables/parse-text.ts";
import { referencesOf } from "../../variables/references-of.ts";
import { groupOf, isClusterScoped, qualifiedKind } from "../kind-scope.ts";
import { errorAt, type Check, type LintFacts } from "../lint-facts.ts";
import type { Problem } from "../problem.ts";

/** Kinds that a template asks for in another field, and which. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  Namespace: "list it in spec.namespaces: Carrel makes it, with its quota, policy and rights",
  ResourceQuota: "set spec.budget and spec.quota: there is one budget for the whole session",
  LimitRange: "set spec.limits, or limits of the namespace",
};
/** Kinds that are no objects one could apply. */
const NO_OBJECTS = new Set(["Event", "Binding", "Eviction", "TokenRequest", "SubjectAccessReview", "List"]);

/** Kinds that no template may bring along, or only where every ceiling allows them. */
export const objectKinds: Check = (facts) =>
  facts.spec.objects.flatMap((object, index) => {
    const { apiVersion, kind, metadata } = object.template;
    const path = `spec.objects[${index}].template`;
    if (groupOf(apiVersion) === "" && Object.hasOwn(ELSEWHERE, kind)) {
      return [errorAt("object-kind", `${path}.kind`, `must not be ${kind}; ${ELSEWHERE[kind]}`)];
    }
    if (groupOf(apiVersion) === GROUP) {
      return [
        errorAt(
          "object-kind",
          `${path}.kind`,
          `must not be ${qualifiedKind(apiVersion, kind)}: Carrel's own kinds are no part of a session`,
        ),
      ];
    }
    if (NO_OBJECTS.has(kind) && !groupOf(apiVersion).includes(".")) {
      return [errorAt("object-kind", `${path}.kind`, `must not be ${kind}: it is no object that stays`)];
    }
    if (!/^([a-z0-9.-]+\/)?v[0-9]+((alpha|beta)[0-9]+)?$/.test(apiVersion) && !apiVersion.includes("$(")) {
      return [errorAt("object-kind", `${path}.apiVersion`, `${apiVersion} is no API version such as v1 or apps/v1`)];
    }
    return isClusterScoped(apiVersion, kind, facts) ? clusterScoped({ apiVersion, kind, metadata }, path, facts) : [];
  });

function clusterScoped(
  { apiVersion, kind, metadata }: LintFacts["spec"]["objects"][number]["template"],
  path: string,
  { ceilings }: LintFacts,
): readonly Problem[] {
  const group = groupOf(apiVersion);
  const name = qualifiedKind(apiVersion, kind);
  const allowed = ceilings.every(({ clusterObjects }) =>
    clusterObjects.some((entry) => entry.group === group && entry.kinds.includes(kind)),
  );
  if (!allowed) {
    return [
      errorAt(
        "cluster-object",
        `${path}.kind`,
        `${name} belongs to no namespace, and not every ceiling allows it: an operator may list it in clusterObjects of each PolicyProfile with ceiling: true`,
      ),
    ];
  }
  return [
    ...(holdsWorkspaceName(metadata["name"])
      ? []
      : [
          errorAt(
            "cluster-object-name",
            `${path}.metadata.name`,
            `${name} belongs to no namespace, so its name must hold $(workspace.name), which no other session has`,
          ),
        ]),
    ...(metadata["namespace"] === undefined
      ? []
      : [errorAt("cluster-object", `${path}.metadata.namespace`, `must not be set: ${name} belongs to no namespace`)]),
  ];
}

/** By itself: a function may drop it, as `default(x, workspace.name)` does, and so name what is there already. */
function holdsWorkspaceName(name: unknown): boolean {
  // A malformed text has no references, and is told by another check.
  if (typeof name !== "string" || referencesOf(name).length === 0) return false;
  return parseText(name).some(
    (part) => typeof part === "object" && part.type === "name" && part.name === "workspace.name",
  );
}
