import { packageOf } from "../repository/repository.ts";
import type { Rule } from "./violation.ts";

/** Workspaces of which everything is test or measurement. */
const TEST_LAYERS: readonly string[] = ["test", "testkit", "bench"];

/** Only tests use the testkits: nothing that is shipped can start what it starts. */
export const testkitInTests: Rule = ({ workspaces }) => {
  const testkits = workspaces.filter(({ layer }) => layer === "testkit").map(({ name }) => name);
  return workspaces
    .filter(({ layer }) => !TEST_LAYERS.includes(layer ?? ""))
    .flatMap(({ files }) => files.filter(({ isTest }) => !isTest))
    .flatMap(({ path, imports }) =>
      imports
        .filter(({ specifier }) => testkits.some((name) => name === packageOf(specifier)))
        .map(({ specifier, line }) => ({
          path,
          line,
          message: `only tests may import ${packageOf(specifier)}: move this into a *.test.ts`,
        })),
    );
};
