import type { Workspace } from "@carrel/api";
import { stringAt } from "../review/json-object.ts";

/** A Workspace without what no decision asks about: its template, which is most of its size, and its variables. */
export function slimWorkspace(workspace: Workspace): Workspace {
  const { metadata, spec, status } = workspace;
  const profile = stringAt(spec.template.spec, "policy", "profile");
  const template = { ...spec.template, spec: profile === undefined ? {} : { policy: { profile } } };
  const { managedFields: _, ...kept } = metadata as typeof metadata & { readonly managedFields?: unknown };
  return {
    apiVersion: workspace.apiVersion,
    kind: workspace.kind,
    metadata: kept,
    spec: { ...spec, variables: {}, template: template as typeof spec.template },
    ...(status?.phase === undefined ? {} : { status: { phase: status.phase } }),
  };
}
