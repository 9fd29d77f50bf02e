import { namespaceName, type SessionTemplateSpec, type TemplateObject } from "@carrel/api";
import { renderVariables } from "../variables/render-variables.ts";
import { stageOfObject } from "../variables/stage-of.ts";
import type { Stage } from "../variables/variable-table.ts";
import { comesAfter } from "./comes-after.ts";

/** An object of a template, with what follows from the template as a whole. */
export interface PlannedObject {
  readonly name: string;
  readonly stage: Stage;
  /** Objects that must be there before: those that the author names, and those whose outputs it uses. */
  readonly after: readonly string[];
  readonly when: TemplateObject["when"];
  readonly waitFor: TemplateObject["waitFor"];
  readonly outputs: TemplateObject["outputs"];
  readonly finalizedExternally: TemplateObject["finalizedExternally"];
  readonly apiVersion: string;
  readonly kind: string;
  /** Where it goes unless its kind is cluster-scoped; the primary namespace when the author names none. */
  readonly namespace: string;
  /** The manifest with its variables. */
  readonly template: TemplateObject["template"];
}

/**
 * The objects of a template for one workspace, each after those that it needs.
 *
 * An object that `when` leaves out has outputs that read as the empty string.
 *
 * @param workspace its name, and the short names of its namespaces beside the primary one.
 * @throws ApiError `INVALID` for a `metadata.namespace` with other variables than those of namespaces, for `after`
 * without such an object, and for cycles: nothing that `lintTemplate` lets pass.
 */
export function planObjects(
  spec: SessionTemplateSpec,
  workspace: { readonly name: string; readonly namespaces: readonly string[] },
): readonly PlannedObject[] {
  const variables: Record<string, string> = {
    "workspace.name": workspace.name,
    "session.namespace": namespaceName(workspace.name),
    "namespaces.primary": namespaceName(workspace.name),
  };
  for (const short of workspace.namespaces) variables[`namespaces.${short}`] = namespaceName(workspace.name, short);
  return comesAfter(spec.objects).map(({ object, after }) => {
    const { apiVersion, kind, metadata } = object.template;
    const named = metadata["namespace"];
    const namespace = typeof named === "string" ? named : namespaceName(workspace.name);
    const path = `spec.objects[${object.name}].template.metadata.namespace`;
    return {
      name: object.name,
      stage: stageOfObject(object, spec),
      after,
      when: object.when,
      waitFor: object.waitFor,
      outputs: object.outputs,
      finalizedExternally: object.finalizedExternally,
      apiVersion,
      kind,
      namespace: renderVariables(namespace, variables, path),
      template: object.template,
    };
  });
}
