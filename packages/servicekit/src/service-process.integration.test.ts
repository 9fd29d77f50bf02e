import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { eventually } from "@carrel/testkit";

test("who starts services and is killed leaves none of them running", async () => {
  const program = new URL("fixtures/start-and-crash.ts", import.meta.url).pathname;
  const pids = await new Promise<string>((resolve) => {
    execFile(process.execPath, [program], (_error, stdout) => resolve(stdout));
  });
  const started = pids.trim().split(" ").map(Number);
  assert.equal(started.length, 2, pids);
  await eventually(() =>
    assert.deepEqual(
      started.filter((pid) => existsSync(`/proc/${pid}`)),
      [],
    ),
  );
});
