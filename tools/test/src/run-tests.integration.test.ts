import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseArguments } from "./parse-arguments.ts";
import { runTests } from "./run-tests.ts";

/** A repository whose test files are copies of fixtures. */
async function repository(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "carrel-run-tests-"));
  t.after(() => rm(root, { recursive: true }));
  for (const [path, fixture] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await copyFile(fileURLToPath(new URL(`./fixtures/${fixture}.fixture.ts`, import.meta.url)), join(root, path));
  }
  return root;
}

async function run(root: string, argv: readonly string[]): Promise<{ lines: string[]; failed: number }> {
  const lines: string[] = [];
  const { tally } = await runTests(parseArguments(argv), {
    root,
    environment: process.env,
    signal: new AbortController().signal,
    print: (line) => lines.push(...line.split("\n")),
  });
  return { lines, failed: tally.failed };
}

test("the last line is the tally, and the failures stand in full above it", async (t) => {
  const root = await repository(t, { "packages/a/src/a.test.ts": "passing", "test/architecture/b.test.ts": "failing" });
  const { lines, failed } = await run(root, ["unit"]);
  assert.equal(failed, 4);
  assert.equal(lines.at(-1), "5 passed, 4 failed, 2 skipped");
  const all = lines.join("\n");
  assert.match(all, /1\) test\/architecture\/b\.test\.ts:6\n {3}outer > is wrong\n[^]*'seen' !== 'wanted'/);
});

test("good is good: no failure, no word about one", async (t) => {
  const root = await repository(t, { "packages/a/src/a.test.ts": "slow" });
  const { lines, failed } = await run(root, ["unit"]);
  assert.equal(failed, 0);
  assert.equal(lines.at(-1), "1 passed, 0 failed");
});

test("no test at all is a failure, also when a filter left none", async (t) => {
  const none = await repository(t, {});
  assert.equal((await run(none, ["unit"])).lines.at(-1), "0 passed, 1 failed");
  const root = await repository(t, { "packages/a/src/a.test.ts": "passing" });
  const { lines, failed } = await run(root, ["unit", "--filter", "nowhere"]);
  assert.equal(failed, 1);
  assert.match(lines.join("\n"), /no test file contains "nowhere"/);
});

test("a filter chooses files", async (t) => {
  const root = await repository(t, { "packages/a/src/a.test.ts": "passing", "packages/b/src/b.test.ts": "failing" });
  assert.equal((await run(root, ["unit", "packages/a"])).lines.at(-1), "4 passed, 0 failed, 2 skipped");
});

test("SIGINT ends the runner and what it runs", async (t) => {
  const root = await repository(t, { "packages/a/src/a.test.ts": "hanging" });
  const program = `
    const { runTests } = await import(${JSON.stringify(new URL("./run-tests.ts", import.meta.url).href)});
    const { parseArguments } = await import(${JSON.stringify(new URL("./parse-arguments.ts", import.meta.url).href)});
    const interrupted = new AbortController();
    process.on("SIGINT", () => interrupted.abort(new Error("interrupted by SIGINT")));
    await runTests(parseArguments(["unit", "--verbose"]), {
      root: ${JSON.stringify(root)},
      environment: process.env,
      signal: interrupted.signal,
      print: (line) => console.log(line),
    });`;
  const runner = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  const reached = Promise.withResolvers<void>();
  runner.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
    if (output.includes("ok   passes")) reached.resolve();
  });
  await reached.promise;
  const [child = ""] = (await readFile(`/proc/${runner.pid}/task/${runner.pid}/children`, "utf8")).split(" ");
  const start = performance.now();
  runner.kill("SIGINT");
  await once(runner, "close");
  assert.ok(performance.now() - start < 10_000);
  assert.match(output, /interrupted by SIGINT, while it ran "waits for ever"[^]*\n1 passed, 1 failed\n$/);
  assert.notEqual(child, "");
  assert.equal(existsSync(`/proc/${child}`), false);
});
