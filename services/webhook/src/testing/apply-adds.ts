import type { AddOperation } from "../mutate/json-patch.ts";

/** Applies the adds of a JSON patch to a copy of the object, as the API server does. */
export function applyAdds(object: unknown, patch: readonly AddOperation[]): unknown {
  const copy = structuredClone(object);
  for (const { path, value } of patch) {
    const steps = path
      .slice(1)
      .split("/")
      .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
    const last = steps.pop() ?? "";
    const parent = steps.reduce<unknown>((node, step) => (node as Record<string, unknown>)[step], copy);
    if (parent === null || typeof parent !== "object") throw new Error(`there is nothing to add ${path} to`);
    (parent as Record<string, unknown>)[last] = structuredClone(value);
  }
  return copy;
}
