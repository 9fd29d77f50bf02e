import type { SessionTemplateSpec } from "@carrel/api";

/** What is wrong with a short name of a namespace, if anything; undefined and `primary` are the primary one. */
export function namespaceProblem(
  { namespaces }: Pick<SessionTemplateSpec, "namespaces">,
  short: string | undefined,
): string | undefined {
  if (short === undefined || short === "primary" || namespaces.some(({ name }) => name === short)) return undefined;
  const names = ["primary", ...namespaces.map(({ name }) => name)].join(", ");
  return `the template has no namespace ${short}; it has ${names}`;
}
