import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { readRepository } from "./repository/read-repository.ts";
import { declaredImports } from "./rules/declared-imports.ts";
import { existingExports } from "./rules/existing-exports.ts";
import { externalOwners } from "./rules/external-owners.ts";
import { fileNames } from "./rules/file-names.ts";
import { fileSize } from "./rules/file-size.ts";
import { layerDirection } from "./rules/layer-direction.ts";
import { processAccess } from "./rules/process-access.ts";
import { projectReferences } from "./rules/project-references.ts";
import { standaloneStd } from "./rules/standalone-std.ts";
import { testkitInTests } from "./rules/testkit-in-tests.ts";
import { usedDependencies } from "./rules/used-dependencies.ts";
import { renderViolations, type Rule } from "./rules/violation.ts";
import { workspaceCycles } from "./rules/workspace-cycles.ts";

const repository = await readRepository(fileURLToPath(new URL("../..", import.meta.url)));

const RULES: readonly (readonly [string, Rule])[] = [
  ["dependencies point from the services down to std; services never use each other", layerDirection],
  ["only kube names client-node, only messaging NATS, only auth jose, only service pino and the SDKs", externalOwners],
  ["std has no dependencies", standaloneStd],
  ["every import is declared, exported by whoever it is of, and leaves the workspace by name only", declaredImports],
  ["no cycles between workspaces", workspaceCycles],
  ["tsconfig's references are the declared dependencies", projectReferences],
  ["files are named in kebab-case after a concept, never utils or helpers", fileNames],
  ["no file is longer than 400 lines of code, no main.ts longer than 99", fileSize],
  ["process.exit and process.env stand in packages/service and main.ts only", processAccess],
  ["only tests import the testkit", testkitInTests],
  ["workspaces that are declared are imported", usedDependencies],
  ["exports name files that exist", existingExports],
];

for (const [name, rule] of RULES) {
  test(name, () => {
    const violations = rule(repository);
    if (violations.length === 0) return;
    const failure = new Error(`${violations.length} violations`);
    // The places are what to look at, not the stack of this test.
    failure.stack = renderViolations(violations);
    throw failure;
  });
}

test("the rules look at the whole repository", () => {
  const seen = new Set(repository.workspaces.map(({ layer }) => layer));
  for (const layer of ["std", "api", "runtime", "service", "service-app", "testkit", "tool", "test"]) {
    assert.ok(seen.has(layer), layer);
  }
  const imports = repository.workspaces.flatMap(({ files }) => files.flatMap((file) => file.imports));
  assert.ok(imports.length > 100);
});
