import { duplicates } from "../duplicates.ts";
import { errorAt, type Check } from "../lint-facts.ts";

/** Names of namespaces, and what their shares leave. */
export const namespaces: Check = ({ spec }) => {
  const shares = spec.namespaces.reduce((sum, { share }) => sum + (share ?? 0), 0);
  const equal = spec.namespaces.filter(({ share }) => share === undefined).length;
  return [
    ...duplicates(spec.namespaces, "spec.namespaces", ({ name }) => name),
    ...spec.namespaces.flatMap(({ name }, index) =>
      name === "primary"
        ? [
            errorAt(
              "reserved-name",
              `spec.namespaces[${index}].name`,
              "primary is the namespace that every session has",
            ),
          ]
        : [],
    ),
    ...(shares >= 100
      ? [
          errorAt(
            "shares",
            "spec.namespaces",
            `the shares are ${shares} percent together; leave some for the primary namespace${equal > 0 ? ` and the ${equal} without a share` : ""}`,
          ),
        ]
      : []),
  ];
};
