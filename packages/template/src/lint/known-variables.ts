import type { SessionTemplateSpec } from "@carrel/api";
import { VARIABLES } from "../variables/variable-table.ts";

/** The names of all variables that this template has, as far as they can be listed. */
export function knownVariables(
  spec: SessionTemplateSpec,
  values: ReadonlySet<string> | undefined,
): ReadonlySet<string> {
  const fixed = VARIABLES.map(({ name }) => name).filter((name) => !/[A-Z]{2}/.test(name));
  return new Set([
    ...fixed,
    "namespaces.primary",
    ...spec.namespaces.map(({ name }) => `namespaces.${name}`),
    ...[...(values ?? [])].map((name) => `values.${name}`),
    ...spec.parameters.map(({ name }) => `parameters.${name}`),
    ...spec.endpoints.flatMap(({ name }) => [`endpoints.${name}.url`, `endpoints.${name}.host`]),
    ...spec.generate.flatMap(({ name, type }) => [
      ...(type === "sshKey" ? [`generated.${name}.private`, `generated.${name}.public`] : [`generated.${name}`]),
      `generated.${name}.secret`,
    ]),
    ...spec.objects.flatMap(({ name, outputs }) => Object.keys(outputs).map((field) => `outputs.${name}.${field}`)),
  ]);
}
