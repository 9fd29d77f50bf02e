import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { endProcess } from "./end-process.ts";
import { identifyProcess, isProcessAlive } from "./process-identity.ts";

test("a process is alive until it ends, and its pid alone does not make another one it", async () => {
  const child = spawn("sleep", ["60"]);
  await once(child, "spawn");
  const identity = identifyProcess(child.pid ?? 0);
  assert.ok(identity !== undefined);
  assert.equal(isProcessAlive(identity), true);
  assert.equal(isProcessAlive({ ...identity, startTicks: identity.startTicks + 1 }), false);
  await endProcess({ ...identity, startTicks: identity.startTicks + 1 }, 0);
  assert.equal(isProcessAlive(identity), true, "another process of the same pid is left alone");
  await endProcess(identity, 0);
  assert.equal(isProcessAlive(identity), false);
});

test("a process that ignores SIGTERM is killed after its grace", async (t) => {
  const child = spawn("sh", ["-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done"]);
  t.after(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  const identity = identifyProcess(child.pid ?? 0);
  assert.ok(identity !== undefined);
  await endProcess(identity, 100);
  assert.equal(isProcessAlive(identity), false);
});
