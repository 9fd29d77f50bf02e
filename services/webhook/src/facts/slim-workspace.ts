import type { Workspace } from "@carrel/api";
import { listAt, stringAt } from "../review/json-object.ts";

/** A Workspace without what no decision asks about: its template, which is most of its size, and its variables. */
export function slimWorkspace(workspace: Workspace): Workspace {
  const { metadata, spec, status } = workspace;
  const namespaces = listAt(spec.template.spec, "namespaces").map((namespace) => ({
    name: stringAt(namespace, "name"),
    ...policyOf(namespace),
  }));
  const template = { ...spec.template, spec: { ...policyOf(spec.template.spec), namespaces } };
  const { managedFields: _, ...kept } = metadata as typeof metadata & { readonly managedFields?: unknown };
  return {
    apiVersion: workspace.apiVersion,
    kind: workspace.kind,
    metadata: kept,
    spec: { ...spec, variables: {}, template: template as unknown as typeof spec.template },
    ...(status?.phase === undefined ? {} : { status: { phase: status.phase } }),
  };
}

function policyOf(of: unknown): { readonly policy?: { readonly profile: string } } {
  const profile = stringAt(of, "policy", "profile");
  return profile === undefined ? {} : { policy: { profile } };
}
