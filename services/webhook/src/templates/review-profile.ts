import { GROUP, policyProfileSpecSchema } from "@carrel/api";
import type { Decision } from "../decision/decision.ts";
import { wordRefusal } from "../decision/wording.ts";
import type { AdmissionRequest } from "../review/admission-request.ts";
import { mapAt } from "../review/json-object.ts";
import { OBJECT_RULES } from "../rules/object-rules.ts";
import { REQUEST_RULES } from "../rules/request-rules.ts";

/** Fields that are read in ceilings only. */
const OF_CEILINGS = ["maxRules", "maxClusterRules", "clusterObjects", "maxQuota"] as const;
const RULES: ReadonlySet<string> = new Set([...REQUEST_RULES, ...OBJECT_RULES].map(({ id }) => id));

/** Whether a review is about what a PolicyProfile says. */
export function isProfileReview({ group, resource, subresource, operation }: AdmissionRequest): boolean {
  return (
    group === GROUP &&
    resource === "policyprofiles" &&
    subresource === "" &&
    (operation === "CREATE" || operation === "UPDATE")
  );
}

/** A profile is never refused beyond its schema; warnings say what in it has no effect. Pure. */
export function reviewProfile({ object }: AdmissionRequest): Decision {
  const { data } = policyProfileSpecSchema.safeParse(mapAt(object, "spec"));
  if (data === undefined) return { allowed: true, warnings: [], auditAnnotations: {} };
  const idle = data.ceiling
    ? []
    : OF_CEILINGS.filter((field) => Object.keys(data[field]).length > 0).map((field) => ({
        rule: "no-ceiling",
        path: `spec.${field}`,
        message: "has no effect without ceiling: true",
      }));
  const unknown = data.rules.flatMap(({ id }, index) =>
    RULES.has(id)
      ? []
      : [
          {
            rule: "unknown-rule",
            path: `spec.rules[${index}].id`,
            message: `there is no rule ${id}; there are ${[...RULES].join(", ")}`,
          },
        ],
  );
  return { allowed: true, warnings: [...idle, ...unknown].map(wordRefusal), auditAnnotations: {} };
}
