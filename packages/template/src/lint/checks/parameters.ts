import { ApiError, type Parameter } from "@carrel/api";
import { parameterProblem } from "../../parameters/resolve-parameters.ts";
import { errorAt, warningAt, type Check } from "../lint-facts.ts";
import type { Problem } from "../problem.ts";
import { duplicates } from "../duplicates.ts";

/** Parameters whose own checks cannot hold together. */
export const parameters: Check = ({ spec }) => {
  const problems = [...duplicates(spec.parameters, "spec.parameters", ({ name }) => name)];
  for (const [index, parameter] of spec.parameters.entries()) {
    const path = `spec.parameters[${index}]`;
    try {
      problems.push(...problemsOf(parameter, path));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // One that takes too long is enough: whoever waits for the answer must not wait for more of them.
      return [...problems, errorAt("parameter-pattern", `${path}.pattern`, error.message)];
    }
  }
  return problems;
};

function problemsOf(parameter: Parameter, path: string): readonly Problem[] {
  const { type, pattern, minimum, maximum } = parameter;
  if (pattern !== undefined) {
    const problem = patternProblem(pattern);
    if (problem !== undefined) return [errorAt("parameter-pattern", `${path}.pattern`, problem)];
  }
  const bounds = [minimum, maximum].some((bound) => bound !== undefined);
  return [
    ...(bounds && type !== "int"
      ? [errorAt("parameter-bounds", path, `minimum and maximum go with type int, and this is of type ${type}`)]
      : []),
    ...(minimum !== undefined && maximum !== undefined && minimum > maximum
      ? [errorAt("parameter-bounds", `${path}.minimum`, `must not exceed maximum, which is ${maximum}`)]
      : []),
    ...(pattern !== undefined && type !== "string"
      ? [
          warningAt(
            "parameter-pattern",
            `${path}.pattern`,
            `says little about type ${type}; minimum, maximum or enum do`,
          ),
        ]
      : []),
    ...(pattern !== undefined && /^\^|[^\\]\$$/.test(pattern)
      ? [warningAt("parameter-pattern", `${path}.pattern`, "^ and $ are not needed: the whole value must match anyway")]
      : []),
    ...valueProblems(parameter, path),
  ];
}

function valueProblems(parameter: Parameter, path: string): readonly Problem[] {
  const found: Problem[] = [];
  const without = { ...parameter, enum: undefined };
  for (const [index, value] of (parameter.enum ?? []).entries()) {
    const problem = parameterProblem(without, value);
    if (problem !== undefined) {
      found.push(
        errorAt(
          "parameter-enum",
          `${path}.enum[${index}]`,
          `no request can use ${JSON.stringify(value)}: it ${problem}`,
        ),
      );
    }
  }
  const ofDefault = parameter.default === undefined ? undefined : parameterProblem(parameter, parameter.default);
  if (ofDefault !== undefined) {
    found.push(
      errorAt("parameter-default", `${path}.default`, `does not pass the parameter's own checks: it ${ofDefault}`),
    );
  }
  return found;
}

/** Linear-time matching cannot be told by looking, but a repetition of a repetition is how the slow ones are made. */
const NESTED_REPETITION = /\([^()]*[+*}][^()]*\)[+*{]/;

function patternProblem(pattern: string): string | undefined {
  try {
    // By itself, and not as a part of what it becomes: `a)|(?:b` would break out of that.
    new RegExp(pattern, "u");
  } catch (error) {
    return `is not a regular expression: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (/\\[1-9k]|\(\?[=!<]/.test(pattern)) return "must not use back references or look-around, which RE2 does not have";
  if (NESTED_REPETITION.test(pattern))
    return "must not repeat a group that repeats: some values would take forever to match";
  return undefined;
}
