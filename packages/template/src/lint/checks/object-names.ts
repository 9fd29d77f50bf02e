import { isCarrelsName } from "../../objects/carrels-names.ts";
import { groupOf } from "../kind-scope.ts";
import { errorAt, warningAt, type Check, type LintFacts } from "../lint-facts.ts";
import { longestText } from "../longest-text.ts";
import type { Problem } from "../problem.ts";

/** Longest names, where the controllers of a kind or its labels allow less than 253. */
const LONGEST: Readonly<Record<string, number>> = {
  Service: 63,
  StatefulSet: 52,
  CronJob: 52,
  Job: 63,
  Deployment: 63,
  DaemonSet: 63,
  Pod: 63,
  ReplicaSet: 63,
};
const LONGEST_OTHER = 253;

/** Names that are too long, not allowed, Carrel's, or given twice. */
export const objectNames: Check = (facts) => {
  const taken = new Map<string, { readonly path: string; readonly optional: boolean }>();
  return facts.spec.objects.flatMap((object, index) => {
    const { apiVersion, kind, metadata } = object.template;
    const path = `spec.objects[${index}].template.metadata.name`;
    const { name } = metadata;
    if (typeof name !== "string" || name === "") return [];
    const found: Problem[] = [...formOf(name, kind, { path, facts })];
    if (isCarrelsName(kind, name)) {
      found.push(errorAt("reserved-name", path, `the ${kind} ${name} is Carrel's own; choose another name`));
    }
    const namespace = typeof metadata["namespace"] === "string" ? metadata["namespace"] : "$(session.namespace)";
    const where = namespace === "$(namespaces.primary)" ? "$(session.namespace)" : namespace;
    const key = `${groupOf(apiVersion)}/${kind} ${where}/${name}`;
    const earlier = taken.get(key);
    taken.set(key, { path, optional: object.when !== undefined });
    if (earlier !== undefined) {
      const message = `${kind} ${name} is the object of ${earlier.path} already`;
      const exclusive = earlier.optional && object.when !== undefined;
      found.push(
        exclusive
          ? warningAt("duplicate", path, `${message}; their when must never both hold`)
          : errorAt("duplicate", path, message),
      );
    }
    return found;
  });
};

function formOf(
  name: string,
  kind: string,
  { path, facts }: { readonly path: string; readonly facts: LintFacts },
): Problem[] {
  const most = LONGEST[kind] ?? LONGEST_OTHER;
  const { certain, possible, sample } = longestText(name, facts);
  if (certain > most) {
    return [errorAt("name-length", path, `becomes ${certain} characters long; a ${kind} has at most ${most}`)];
  }
  const found: Problem[] = [];
  if (possible > most) {
    found.push(
      warningAt(
        "name-length",
        path,
        `becomes up to ${possible} characters long, and a ${kind} has at most ${most}; bound the parameters by maxLength`,
      ),
    );
  }
  // Names of RBAC kinds may hold almost anything.
  const free = /^(Cluster)?Role(Binding)?$/.test(kind);
  if (!free && sample !== undefined && !/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(sample)) {
    found.push(errorAt("name-form", path, `becomes ${sample}, which is no name: small letters, digits, - and . only`));
  }
  return found;
}
