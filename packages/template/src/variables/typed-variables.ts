import type { SessionTemplateSpec } from "@carrel/api";
import type { Variables } from "./variables.ts";

/**
 * The same variables with the `int` and `bool` parameters as numbers and booleans, so that `replicas: $(parameters.n)`
 * becomes a number. Values are strings wherever they are stored; call this right before `renderVariables`. A parameter
 * without a value stays the empty string.
 */
export function typedVariables(
  { parameters }: Pick<SessionTemplateSpec, "parameters">,
  variables: Readonly<Record<string, string>>,
): Variables {
  const typed: Record<string, string | number | boolean> = { ...variables };
  for (const { name, type } of parameters) {
    const key = `parameters.${name}`;
    const text = variables[key];
    if (text === undefined || text === "") continue;
    if (type === "int") typed[key] = Number(text);
    if (type === "bool") typed[key] = text === "true";
  }
  return typed;
}
