import { ApiError, type Parameter, type ParameterValue } from "@carrel/api";
import { matchesWhole } from "./matches-whole.ts";

/** The parameters of a session as strings. */
export interface ResolvedParameters {
  /** Those that may be stored in the Session; defaults filled in, an absent optional one is the empty string. */
  readonly values: Record<string, string>;
  /** Those declared `secret`: kept in a Secret only. */
  readonly secrets: Record<string, string>;
}

/**
 * Checks the values of a request against a template's parameters and returns them as strings, defaults filled in.
 * Messages never hold a value.
 *
 * @throws ApiError `INVALID` that lists every problem: unknown name, missing, wrong type, too long, no match.
 */
export function resolveParameters(
  declared: readonly Parameter[],
  given: Readonly<Record<string, ParameterValue>>,
): ResolvedParameters {
  const problems: string[] = [];
  const values: Record<string, string> = {};
  const secrets: Record<string, string> = {};
  const known = new Set(declared.map((parameter) => parameter.name));
  for (const name of Object.keys(given)) {
    if (!known.has(name))
      problems.push(
        `parameters.${name}: the template has no such parameter (it has ${[...known].join(", ") || "none"})`,
      );
  }
  for (const parameter of declared) {
    const resolved = parameter.secret ? secrets : values;
    const value = Object.hasOwn(given, parameter.name) ? given[parameter.name] : parameter.default;
    if (value === undefined) {
      if (parameter.required) problems.push(`parameters.${parameter.name}: is required`);
      else resolved[parameter.name] = "";
      continue;
    }
    const problem = parameterProblem(parameter, value);
    if (problem === undefined) resolved[parameter.name] = String(value);
    else problems.push(`parameters.${parameter.name}: ${problem}`);
  }
  if (problems.length > 0) throw new ApiError("INVALID", problems.join("; "));
  return { values, secrets };
}

/**
 * What is wrong with a value of a parameter, if anything.
 *
 * @throws ApiError `INVALID` when the parameter's own pattern is no regular expression, or takes too long.
 */
export function parameterProblem(parameter: Parameter, value: ParameterValue): string | undefined {
  const text = String(value);
  if (parameter.type === "int" && !/^-?[0-9]{1,15}$/.test(text)) return "must be an integer";
  if (parameter.type === "bool" && text !== "true" && text !== "false") return "must be true or false";
  if (parameter.type === "string" && typeof value !== "string") return "must be a string";
  if (parameter.type === "int" && parameter.minimum !== undefined && Number(text) < parameter.minimum)
    return `must be at least ${parameter.minimum}`;
  if (parameter.type === "int" && parameter.maximum !== undefined && Number(text) > parameter.maximum)
    return `must be at most ${parameter.maximum}`;
  if (text.length > parameter.maxLength)
    return `is ${text.length} characters long; at most ${parameter.maxLength} are allowed`;
  if (parameter.enum !== undefined && !parameter.enum.includes(text))
    return `must be one of ${parameter.enum.join(", ")}`;
  if (parameter.pattern !== undefined && !matchesWhole(parameter.pattern, text))
    return `must match ${parameter.pattern}`;
  return undefined;
}
