import { packageOf } from "../repository/repository.ts";
import type { Rule } from "./violation.ts";

/** Workspaces of which everything is test. */
const TEST_LAYERS: readonly string[] = ["test", "testkit"];
/** Benchmarks measure what tests break. */
const ALSO: readonly string[] = ["@carrel/bench"];

/** Only tests use the testkits: nothing that is shipped can start what it starts. */
export const testkitInTests: Rule = ({ workspaces }) => {
  const testkits = workspaces.filter(({ layer }) => layer === "testkit").map(({ name }) => name);
  return workspaces
    .filter(({ layer, name }) => !TEST_LAYERS.includes(layer ?? "") && !ALSO.includes(name))
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
