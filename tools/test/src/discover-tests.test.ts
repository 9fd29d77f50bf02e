import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { discoverTests, suiteOf } from "./discover-tests.ts";

test("every test file belongs to a suite", () => {
  assert.equal(suiteOf("packages/std/src/clock.test.ts"), "unit");
  assert.equal(suiteOf("test/architecture/size.test.ts"), "unit");
  assert.equal(suiteOf("packages/kube/src/client.integration.test.ts"), "integration");
  assert.equal(suiteOf("test/e2e/session.e2e.test.ts"), "e2e");
});

test("finds test files wherever they are, but not what is installed, generated or a fixture", async (t) => {
  const root = await mkdtemp(join(tmpdir(), "carrel-discover-"));
  t.after(() => rm(root, { recursive: true }));
  const files = [
    "packages/a/src/a.test.ts",
    "packages/a/src/deep/er/b.integration.test.ts",
    "packages/a/src/a.ts",
    "packages/a/node_modules/x/x.test.ts",
    "packages/a/src/fixtures/f.test.ts",
    "services/s/src/s.test.ts",
    "test/e2e/e.e2e.test.ts",
    "docs/d.test.ts",
  ];
  for (const file of files) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), "");
  }
  assert.deepEqual(await discoverTests(root), [
    "packages/a/src/a.test.ts",
    "packages/a/src/deep/er/b.integration.test.ts",
    "services/s/src/s.test.ts",
    "test/e2e/e.e2e.test.ts",
  ]);
  assert.deepEqual(await discoverTests(root, ["deep", "/s.t"]), [
    "packages/a/src/deep/er/b.integration.test.ts",
    "services/s/src/s.test.ts",
  ]);
});
