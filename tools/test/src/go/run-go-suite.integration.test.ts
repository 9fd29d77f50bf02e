import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runGoSuite } from "./run-go-suite.ts";

async function repository(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "carrel-go-suite-"));
  t.after(() => rm(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(root, path, ".."), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

const run = (root: string, filters: readonly string[] = []): ReturnType<typeof runGoSuite> =>
  runGoSuite({
    root,
    filters,
    environment: process.env,
    timeoutMs: 180_000,
    signal: new AbortController().signal,
    print: () => undefined,
  });

test("every module with tests is run, also a nested one; failures are told", async (t) => {
  const root = await repository(t, {
    "tools/a/go.mod": "module example.test/a\n\ngo 1.24\n",
    "tools/a/a_test.go": `package a
import "testing"
func TestGood(t *testing.T) {}
func TestBad(t *testing.T) { t.Fatal("seen", 1) }
`,
    "tools/a/without/w.go": "package without\n",
    "tools/a/b/go.mod": "module example.test/b\n\ngo 1.24\n",
    "tools/a/b/b_test.go": `package b
import "testing"
func TestTable(t *testing.T) { t.Run("one", func(t *testing.T) {}); t.Run("two", func(t *testing.T) { t.Skip() }) }
`,
    "tools/c/go.mod": "module example.test/c\n\ngo 1.24\n",
    "tools/c/c_test.go": 'package c\nimport "testing"\nfunc TestX(t *testing.T) { undefined() }\n',
  });
  const result = await run(root);
  assert.deepEqual(result?.tally, { passed: 2, failed: 2, skipped: 1 });
  assert.deepEqual(
    result?.failures.map(({ where, name }) => [where, name]),
    [
      ["example.test/a", "TestBad"],
      ["example.test/c", "the package failed"],
    ],
  );
  assert.match(result?.failures[0]?.text ?? "", /a_test.go:4: seen 1/);
  assert.match(result?.failures[1]?.text ?? "", /undefined: undefined/);
  assert.deepEqual((await run(root, ["tools/a/b"]))?.tally, { passed: 1, failed: 0, skipped: 1 });
  assert.equal(await run(root, ["packages/std"]), undefined);
});

test("no Go test at all is a failure", async (t) => {
  const root = await repository(t, { "tools/a/go.mod": "module example.test/a\n", "tools/a/a.go": "package a\n" });
  assert.match((await run(root))?.failures[0]?.name ?? "", /ran no test/);
});
