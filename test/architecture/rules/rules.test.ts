import assert from "node:assert/strict";
import { test } from "node:test";
import { aRepository, type WorkspaceGiven } from "./a-repository.ts";
import { declaredImports } from "./declared-imports.ts";
import { existingExports } from "./existing-exports.ts";
import { externalOwners } from "./external-owners.ts";
import { fileNames } from "./file-names.ts";
import { fileSize } from "./file-size.ts";
import { layerDirection } from "./layer-direction.ts";
import { processAccess } from "./process-access.ts";
import { projectReferences } from "./project-references.ts";
import { standaloneStd } from "./standalone-std.ts";
import { testkitInTests } from "./testkit-in-tests.ts";
import { usedDependencies } from "./used-dependencies.ts";
import { renderViolations, type Rule } from "./violation.ts";
import { workspaceCycles } from "./workspace-cycles.ts";

/** The places where a rule does not hold, without the messages. */
function places(rule: Rule, workspaces: Readonly<Record<string, WorkspaceGiven>>, root = {}): string[] {
  return rule(aRepository(workspaces, root)).map(({ path, line }) => `${path}:${line}`);
}

test("layers: down is allowed, up, sideways and between services is not", () => {
  const repository = aRepository({
    "packages/std": { layer: "std" },
    "packages/api": { layer: "api", dependencies: { "@carrel/std": "*", "@carrel/kube": "*" } },
    "packages/kube": {
      layer: "runtime",
      dependencies: { "@carrel/api": "*" },
      devDependencies: { "@carrel/testkit": "*" },
    },
    "packages/auth": { layer: "runtime", dependencies: { "@carrel/kube": "*" } },
    "packages/client": { layer: "client", dependencies: { "@carrel/kube": "*" } },
    "packages/testkit": { layer: "testkit", dependencies: { "@carrel/api": "*" } },
    "services/proxy": { layer: "service-app", dependencies: { "@carrel/auth": "*", "@carrel/reaper": "*" } },
    "services/reaper": { layer: "service-app", dependencies: { "@carrel/testkit": "*" } },
    "apps/untagged": {},
  });
  const text = renderViolations(layerDirection(repository));
  assert.deepEqual(
    text.split("\n").map((line) => line.replace(/ (must|needs).*/, "")),
    [
      "packages/api/package.json:5 @carrel/api (layer api)",
      "packages/auth/package.json:4 @carrel/auth (layer runtime)",
      "packages/client/package.json:4 @carrel/client",
      "services/proxy/package.json:5 @carrel/proxy",
      "services/reaper/package.json:4 @carrel/reaper (layer service-app)",
      "apps/untagged/package.json:1",
    ],
  );
  assert.match(text, /services meet in API objects and on NATS/);
});

test("owners: a library with one owner is named by nobody else, neither declared nor imported", () => {
  const found = places(externalOwners, {
    "packages/kube": {
      dependencies: { "@kubernetes/client-node": "2.0.1", undici: "8.12.4" },
      files: { "src/a.ts": 'import type { V1Pod } from "@kubernetes/client-node";' },
    },
    "services/proxy": {
      dependencies: { undici: "8.12.4", jose: "6" },
      files: { "src/a.ts": '\nimport { Pool } from "undici";\nimport type { V1Pod } from "@kubernetes/client-node";' },
    },
    "services/reaper": {
      devDependencies: { "@nats-io/transport-node": "3" },
      files: { "src/b.ts": 'import { pino } from "pino"; import { trace } from "@opentelemetry/api";' },
    },
    "packages/auth": { files: { "src/c.ts": 'import { MeterProvider } from "@opentelemetry/sdk-metrics";' } },
  });
  assert.deepEqual(found, [
    "services/proxy/package.json:5",
    "services/proxy/src/a.ts:3",
    "services/reaper/package.json:4",
    "services/reaper/src/b.ts:1",
    "packages/auth/src/c.ts:1",
  ]);
});

test("std has no dependencies but for its tests", () => {
  const std = { layer: "std", devDependencies: { "fast-check": "4" } };
  assert.deepEqual(places(standaloneStd, { "packages/std": std }), []);
  assert.deepEqual(places(standaloneStd, { "packages/std": { ...std, optionalDependencies: { ms: "2" } } }), [
    "packages/std/package.json:7",
  ]);
});

test("imports: declared, exported, by name; tests may use what is declared for tests", () => {
  const kube = { exports: { ".": "./src/index.ts", "./workqueue": "./src/q.ts", "./kinds/*": "./src/kinds/*.ts" } };
  const root = { devDependencies: { "fast-check": "4" } };
  const good = `import { readFile } from "node:fs/promises";
import "./b.ts"; import "../src/c.ts"; import type { W } from "@carrel/kube"; import "@carrel/kube/workqueue";
import "@carrel/kube/kinds/pod"; import zod from "zod/v4"; import "@carrel/proxy";`;
  const exports = { ".": "./src/index.ts" };
  const proxy = { exports, dependencies: { "@carrel/kube": "*", zod: "4" }, devDependencies: { ws: "8" } };
  const testFile = 'import "ws"; import "fast-check";';
  const found = places(
    declaredImports,
    {
      "packages/kube": kube,
      "services/proxy": {
        ...proxy,
        files: {
          "src/good.ts": good,
          "src/a.test.ts": testFile,
          "src/fixtures/x.ts": testFile,
          "src/bad.ts": `import "fs";
import "../../../packages/kube/src/index.ts";
import "@carrel/kube/src/index.ts";
import type { X } from "lodash";
import "ws";
import "fast-check";
import "@carrel/proxy/src/x.ts";
import "#x";`,
        },
      },
    },
    root,
  );
  assert.deepEqual(
    found,
    [1, 2, 3, 4, 5, 6, 7, 8].map((line) => `services/proxy/src/bad.ts:${line}`),
  );
});

test("cycles are told with their way; those of devDependencies are none", () => {
  const repository = aRepository({
    "packages/a": { dependencies: { "@carrel/b": "*" } },
    "packages/b": { dependencies: { "@carrel/c": "*" } },
    "packages/c": { dependencies: { "@carrel/b": "*" }, devDependencies: { "@carrel/a": "*" } },
  });
  const violations = workspaceCycles(repository);
  assert.equal(violations.length, 1);
  assert.match(
    renderViolations(violations),
    /^packages\/c\/package.json:4 closes the cycle @carrel\/b → @carrel\/c → @carrel\/b/,
  );
});

test("references: what is declared, no more, no less, and all in the root", () => {
  const repository = aRepository({
    "packages/std": {},
    "packages/api": { dependencies: { "@carrel/std": "*" }, references: ["packages/std"] },
    "packages/kube": { devDependencies: { "@carrel/api": "*" }, references: ["packages/std"] },
  });
  assert.deepEqual(
    projectReferences({ ...repository, references: ["packages/std", "packages/api"] }).map(({ path }) => path),
    ["packages/kube/package.json", "packages/kube/tsconfig.json", "tsconfig.json"],
  );
});

test("names: kebab-case, and never a word that says nothing", () => {
  const names = [
    "src/utils.ts",
    "src/helpers/x.ts",
    "src/common.test.ts",
    "src/workQueue.ts",
    "src/Work.ts",
    "src/a_b.ts",
  ];
  const good = ["src/index.ts", "src/work-queue.integration.test.ts", "src/phases/ending.ts", "src/x509.d.ts"];
  const files = Object.fromEntries([...names, ...good].map((name) => [name, ""]));
  assert.deepEqual(
    places(fileNames, { "packages/a": { files } }),
    names.map((name) => `packages/a/${name}:1`),
  );
});

test("sizes: code is counted, comments and blank lines are not", () => {
  const lines = (count: number): string => "a();\n// comment\n\n".repeat(count);
  const files = {
    "src/long.ts": lines(401),
    "src/fits.ts": lines(400),
    "src/long.test.ts": lines(601),
    "src/fits.test.ts": lines(600),
    "src/main.ts": lines(100),
    "src/x/main.ts": lines(99),
    "src/template.ts": `const x = \`${"line\n".repeat(400)}\`;`,
  };
  assert.deepEqual(places(fileSize, { "packages/a": { files } }), [
    "packages/a/src/long.ts:1",
    "packages/a/src/long.test.ts:1",
    "packages/a/src/main.ts:1",
    "packages/a/src/template.ts:1",
  ]);
});

test("process: exit and env only where a program is wired", () => {
  const text = `export const a = process.env["A"];
process.exit(1);
process["exit"](1);
globalThis.process?.env;
import { exit } from "node:process";
process.exitCode = 1; process.pid; subprocess.exit(); // process.exit()
`;
  const files = { "src/a.ts": text, "src/main.ts": text, "src/a.test.ts": text };
  const lines = (path: string, list: readonly number[]): string[] => list.map((line) => `${path}:${line}`);
  const sorted = (found: string[]): string[] => found.sort();
  assert.deepEqual(sorted(places(processAccess, { "packages/a": { layer: "runtime", files } })), [
    ...lines("packages/a/src/a.ts", [1, 2, 3, 4, 5]),
  ]);
  assert.deepEqual(places(processAccess, { "packages/service": { layer: "service", files } }), []);
  const environment = { "src/environment.ts": "process.env; process.exit();" };
  assert.equal(places(processAccess, { "tools/a": { layer: "tool", files: environment } }).length, 1);
  assert.equal(places(processAccess, { "packages/a": { layer: "runtime", files: environment } }).length, 2);
});

test("testkit: in tests only", () => {
  const text = 'import { eventually } from "@carrel/testkit";';
  const files = { "src/a.ts": text, "src/a.test.ts": text, "src/testing/b.ts": text };
  const found = places(testkitInTests, {
    "packages/testkit": { layer: "testkit", files },
    "packages/kube": { layer: "runtime", files },
    test: { layer: "test", files },
  });
  assert.deepEqual(found, ["packages/kube/src/a.ts:1"]);
});

test("dependencies: a workspace that is declared is imported; packages of others are not looked at", () => {
  const found = places(usedDependencies, {
    "packages/std": {},
    "packages/api": {
      dependencies: { "@carrel/std": "*", zod: "4" },
      files: { "src/a.ts": 'import type { Clock } from "@carrel/std/clock";' },
    },
    "packages/kube": {
      dependencies: { "@carrel/std": "*" },
      devDependencies: { "@carrel/api": "*" },
      files: { "src/a.test.ts": 'import "@carrel/api";' },
    },
  });
  assert.deepEqual(found, ["packages/kube/package.json:4"]);
});

test("exports: what they name is there", () => {
  const exports = { ".": "./src/index.ts", "./a": "./src/a.ts" };
  const found = places(existingExports, { "packages/std": { exports, files: { "src/a.ts": "" } } });
  assert.deepEqual(found, ["packages/std/package.json:4"]);
});
