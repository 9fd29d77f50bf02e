import { duplicates } from "../duplicates.ts";
import { errorAt, warningAt, type Check } from "../lint-facts.ts";
import { namespaceProblem } from "../namespace-problem.ts";

/** Endpoints that meet in one place, or lead nowhere. */
export const endpoints: Check = ({ spec }) => [
  ...duplicates(spec.endpoints, "spec.endpoints", ({ name, path }) => `endpoint ${name} with path ${path}`),
  ...spec.endpoints.flatMap(({ service }, index) => {
    const problem = namespaceProblem(spec, service?.namespace);
    return problem === undefined
      ? []
      : [errorAt("unknown-namespace", `spec.endpoints[${index}].service.namespace`, problem)];
  }),
  ...spec.endpoints.flatMap(({ headers }, index) =>
    headers.flatMap(({ value }, header) =>
      value?.includes("$(") === true
        ? [
            warningAt(
              "no-variables-here",
              `spec.endpoints[${index}].headers[${header}].value`,
              "variables are not replaced here; use secret",
            ),
          ]
        : [],
    ),
  ),
];
