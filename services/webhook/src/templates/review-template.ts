import { GROUP, sessionTemplateSpecSchema, type SessionTemplateSpec } from "@carrel/api";
import { lintTemplate, type Problem } from "@carrel/template";
import type { Decision, Refusal } from "../decision/decision.ts";
import { wordRefusal } from "../decision/wording.ts";
import type { AdmissionRequest } from "../review/admission-request.ts";
import { stringAt } from "../review/json-object.ts";
import type { TemplateFacts } from "./template-facts.ts";

/** The profile that need not exist, so that nobody looks for it. */
const DEFAULT_PROFILE = "default";
/** The API server cuts warnings when all of them together exceed 4,096 characters. */
const MAX_WARNINGS = 10;
const MAX_WARNING_LENGTH = 256;

/** Whether a review is about what a SessionTemplate says. */
export function isTemplateReview({ group, resource, subresource, operation }: AdmissionRequest): boolean {
  return (
    group === GROUP &&
    resource === "sessiontemplates" &&
    subresource === "" &&
    (operation === "CREATE" || operation === "UPDATE")
  );
}

/** The profiles that a template names, for {@link TemplateFacts}. */
export function profilesOf(request: AdmissionRequest): readonly string[] {
  const { data } = readSpec(request);
  if (data === undefined) return [];
  return [data.policy, ...data.namespaces.map(({ policy }) => policy)].flatMap((choice) =>
    choice === undefined || choice.profile === DEFAULT_PROFILE ? [] : [choice.profile],
  );
}

/**
 * The decision about a SessionTemplate: refused for everything that no session could be built with, or that a ceiling
 * does not allow. Pure. Who may write templates at all is RBAC's to say.
 */
export function reviewTemplate(request: AdmissionRequest, { profiles }: TemplateFacts): Decision {
  const { data, problems: misfits } = readSpec(request);
  const ceilings = [...profiles.values()].filter(({ ceiling }) => ceiling);
  const name = stringAt(request.object, "metadata", "name") ?? request.name;
  const problems =
    data === undefined ? misfits : lintTemplate({ metadata: { name }, spec: data }, { ceilings, profiles });
  const refusals = problems.filter(({ severity }) => severity === "error").map(refusalOf);
  const warnings = problems
    .filter(({ severity }) => severity === "warning")
    .slice(0, MAX_WARNINGS)
    .map((problem) => wordRefusal(refusalOf(problem)).slice(0, MAX_WARNING_LENGTH));
  const [first] = refusals;
  if (first === undefined) return { allowed: true, warnings, auditAnnotations: {} };
  return { allowed: false, refusals, warnings, auditAnnotations: { rule: first.rule } };
}

function refusalOf({ rule, path, message }: Problem): Refusal {
  return { rule, path, message };
}

interface ReadSpec {
  readonly data: SessionTemplateSpec | undefined;
  readonly problems: readonly Problem[];
}

/** The API server has applied the schema before it asks; a spec that does not fit is of another version of Carrel. */
function readSpec({ object }: AdmissionRequest): ReadSpec {
  const { data, error } = sessionTemplateSpecSchema.safeParse(object?.["spec"]);
  const problems = (error?.issues ?? []).map(({ path, message }): Problem => ({
    rule: "schema",
    path: ["spec", ...path.map(String)].join("."),
    message,
    severity: "error",
  }));
  return { data: data as SessionTemplateSpec | undefined, problems };
}
