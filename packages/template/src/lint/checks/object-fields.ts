import { RESERVED_PREFIX, LABELS } from "@carrel/api";
import { referencesOf } from "../../variables/references-of.ts";
import { childPath } from "../../variables/map-strings.ts";
import { errorAt, warningAt, type Check, type LintFacts } from "../lint-facts.ts";
import type { Problem } from "../problem.ts";

type Template = LintFacts["spec"]["objects"][number]["template"];

/** Fields of metadata that are the API server's or Carrel's. */
const NOT_THE_AUTHORS: Readonly<Record<string, string>> = {
  generateName: "give a name: the same object must be found again",
  finalizers: "finalizers belong to controllers; finalizedExternally is for kinds that have one",
  ownerReferences: "Carrel sets the owners",
  uid: "the API server gives it",
  resourceVersion: "the API server gives it",
  managedFields: "the API server keeps them",
  creationTimestamp: "the API server gives it",
  deletionTimestamp: "the API server gives it",
};

/** Which object it is must be plain before anything is applied. */
export const objectFields: Check = ({ spec }) =>
  spec.objects.flatMap((object, index) => {
    const path = `spec.objects[${index}].template`;
    const { metadata } = object.template;
    const names = Object.entries(NOT_THE_AUTHORS)
      .filter(([field]) => metadata[field] !== undefined)
      .map(([field, why]) => errorAt("object-metadata", `${path}.metadata.${field}`, `must not be set: ${why}`));
    return [
      ...names,
      ...identity(object.template, path),
      ...reservedKeys(metadata, `${path}.metadata`),
      ...outputNames(object.outputs, `spec.objects[${index}].outputs`),
      ...secretOutputs(object, `spec.objects[${index}].outputs`),
    ];
  });

function identity(template: Template, path: string): readonly Problem[] {
  const { apiVersion, kind, metadata } = template;
  const found: Problem[] = [];
  for (const [field, text] of [
    ["apiVersion", apiVersion],
    ["kind", kind],
  ] as const) {
    if (text.includes("$(")) found.push(errorAt("object-identity", `${path}.${field}`, "must not use variables"));
  }
  const { name, namespace } = metadata as { readonly name?: unknown; readonly namespace?: unknown };
  if (typeof name !== "string" || name === "") {
    found.push(errorAt("object-identity", `${path}.metadata.name`, "is required: the same object must be found again"));
  }
  for (const reference of referencesOf({ name }, `${path}.metadata`)) {
    if (!/^(outputs|generated)\./.test(reference.name)) continue;
    found.push(
      errorAt(
        "object-identity",
        reference.path,
        `must not use $(${reference.name}): the name must be plain before anything is applied`,
      ),
    );
  }
  const where = namespace === undefined ? undefined : namespaceField(namespace);
  if (where !== undefined) found.push(errorAt("object-namespace", `${path}.metadata.namespace`, where));
  return found;
}

/** Which of the session's namespaces it names is looked at like any variable. */
function namespaceField(namespace: unknown): string | undefined {
  if (typeof namespace === "string" && /^\$\((session\.namespace|namespaces\.[a-z0-9-]+)\)$/.test(namespace))
    return undefined;
  return "must be $(session.namespace) or $(namespaces.NAME): objects go into the session's own namespaces only";
}

function reservedKeys(metadata: Template["metadata"], path: string): readonly Problem[] {
  return ["labels", "annotations"].flatMap((field) => {
    const map = metadata[field];
    if (typeof map !== "object" || map === null) return [];
    return Object.keys(map)
      .filter((key) => key.startsWith(RESERVED_PREFIX) || (field === "labels" && key === LABELS.managedBy))
      .map((key) => {
        const at = childPath(`${path}.${field}`, key);
        // Charts set it everywhere; no harm is done by overwriting it.
        if (key === LABELS.managedBy) return warningAt("reserved-key", at, "is set to carrel, whatever stands here");
        return errorAt("reserved-key", at, "is Carrel's own and must not be set");
      });
  });
}

function outputNames(outputs: Readonly<Record<string, string>>, path: string): readonly Problem[] {
  return Object.keys(outputs)
    .filter((name) => !/^[a-z][a-zA-Z0-9]*$/.test(name))
    .map((name) =>
      errorAt(
        "output-name",
        childPath(path, name),
        `${name} cannot stand in $(outputs.OBJECT.FIELD); use letters and digits, a small letter first`,
      ),
    );
}

function secretOutputs({ template, outputs }: LintFacts["spec"]["objects"][number], path: string): readonly Problem[] {
  if (template.apiVersion !== "v1" || template.kind !== "Secret" || Object.keys(outputs).length === 0) return [];
  return [errorAt("secret-output", path, "must not be set: outputs of a Secret would stand in the Workspace's status")];
}
