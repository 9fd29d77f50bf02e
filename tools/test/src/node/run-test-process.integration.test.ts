import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { type RunTestProcessOptions, runTestProcess } from "./run-test-process.ts";
import type { RunResult } from "../run-result.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

function run(names: readonly string[], options: Partial<RunTestProcessOptions> = {}): Promise<RunResult> {
  const files = names.map((name) => `src/fixtures/${name}.fixture.ts`);
  return runTestProcess(files, {
    root,
    environment: process.env,
    testTimeoutMs: 20_000,
    processTimeoutMs: 30_000,
    lingerMs: 20_000,
    ...options,
  });
}

/** The only failure of a result. */
function only({ failures }: RunResult): { where: string; name: string; text: string } {
  assert.equal(failures.length, 1, JSON.stringify(failures, undefined, 2));
  return failures[0] ?? assert.fail();
}

test("counts tests, not suites or parents' verdicts; todo and skip are skipped", async () => {
  const lines: string[] = [];
  const output: string[] = [];
  const result = await run(["passing"], {
    onTest: (line) => lines.push(line.replace(/\d+ ms/, "N ms")),
    onOutput: (text) => output.push(text),
  });
  assert.deepEqual(result, { tally: { passed: 4, failed: 0, skipped: 2 }, failures: [] });
  assert.deepEqual(lines, [
    "ok   adds (N ms)",
    "  ok   adds too (N ms)",
    "  skip is skipped (N ms)",
    "  skip is not done (N ms)",
    "  ok   that passes (N ms)",
    "ok   with a subtest (N ms)",
  ]);
  assert.match(output.join(""), /a passing file prints this/);
});

test("a failure has its place, its path of names, the whole error, and what the process wrote", async () => {
  const { tally, failures } = await run(["failing"]);
  assert.deepEqual(tally, { passed: 1, failed: 4, skipped: 0 });
  assert.deepEqual(
    failures.map(({ where, name }) => [where, name]),
    [
      ["src/fixtures/failing.fixture.ts:6", "outer > is wrong"],
      ["src/fixtures/failing.fixture.ts:13", "with a subtest > that fails"],
      ["src/fixtures/failing.fixture.ts:21", "a hook that fails > never runs"],
      ["src/fixtures/failing.fixture.ts:17", "a hook that fails"],
    ],
  );
  assert.match(failures[0]?.text ?? "", /'seen' !== 'wanted'/);
  assert.match(failures[1]?.text ?? "", /the outer error[^]*the inner error/);
  assert.match(failures[3]?.text ?? "", /no set-up[^]*diagnostic: seed 4711\nit wrote:\nprinted by the failing test/);
});

test("a crash is a failure that names the test and keeps the last words", async () => {
  const result = await run(["crashing"]);
  assert.match(only(result).name, /ended with SIGKILL before its tests did, in "takes the process with it"/);
  assert.match(only(result).text, /last words/);
  assert.equal(result.tally.passed, 1);
});

test("an exit with status 0 in the middle is a failure", async () => {
  assert.match(only(await run(["exiting"])).name, /ended with status 0 before its tests did/);
});

test("an error outside of any test is a failure, with its words", async () => {
  const result = await run(["late-throwing"]);
  assert.match(only(result).name, /an error outside of any test/);
  assert.match(only(result).text, /thrown too late/);
  assert.equal(result.tally.passed, 2);
});

test("a file that cannot be loaded, or has no test, is a failure beside the tests of the others", async () => {
  const { tally, failures } = await run(["passing", "unloadable", "empty"]);
  assert.equal(tally.passed, 4);
  const seen = failures.map(({ where, name }) => `${where}: ${name}`).sort();
  assert.deepEqual(seen, [
    "src/fixtures/empty.fixture.ts: ran no test",
    "src/fixtures/unloadable.fixture.ts: the file cannot be loaded",
  ]);
  assert.match(failures.map(({ text }) => text).join(), /thrown while loading/);
});

test("a file that does not exist is a failure", async () => {
  const result = await run(["no-such"]);
  assert.equal(result.tally.passed, 0);
  assert.ok(result.tally.failed > 0);
});

test("a test that hangs fails at its own deadline, and what it left open ends the process", async () => {
  const { tally, failures } = await run(["hanging"], { testTimeoutMs: 300, lingerMs: 100 });
  assert.deepEqual(tally, { passed: 1, failed: 2, skipped: 0 });
  assert.match(failures[0]?.name ?? "", /waits for ever/);
  assert.match(failures[0]?.text ?? "", /timed out after 300ms/);
  assert.match(failures[1]?.name ?? "", /did not end within 0\.1 s after its last test: .*Timeout.* still open/);
});

test("an endless loop ends at the deadline of the process", async () => {
  const failure = only(await run(["spinning"], { processTimeoutMs: 1500 }));
  assert.match(failure.name, /took more than 1\.5 s, while it ran "spins"/);
});

test("a process that goes on after its last test is ended, and says what is open", async () => {
  const result = await run(["lingering"], { lingerMs: 100 });
  assert.match(only(result).name, /after its last test: .*TCPServerWrap.* still open/);
  assert.equal(result.tally.passed, 1);
});

test("an aborted signal ends the process at once", async () => {
  const start = performance.now();
  const failure = only(await run(["hanging"], { signal: AbortSignal.timeout(400) }));
  assert.match(failure.name, /aborted/);
  assert.ok(performance.now() - start < 5000);
});

test("a run inside of a test run is a run", async () => {
  const environment = { ...process.env, NODE_TEST_CONTEXT: "child-v8", FORCE_COLOR: "1", NODE_OPTIONS: "--no-such" };
  assert.equal((await run(["passing"], { environment })).tally.passed, 4);
  assert.ok(join(root, "src"));
});
