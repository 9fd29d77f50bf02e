import assert from "node:assert/strict";
import { test } from "node:test";
import { PoolHealth } from "./pool-health.ts";

test("pauses after failures in a row, tries again ever later, and forgets them with a success", () => {
  const health = new PoolHealth();
  health.follow("t/1");
  for (const at of [0, 1_000]) health.failed("t/1", "refused", at);
  const pause = (): PoolHealth["pause"] => health.pause;
  assert.equal(pause(), undefined);
  health.failed("t/1", "refused again", 2_000);
  assert.deepEqual(pause(), { failures: 3, cause: "refused again", atMs: 32_000 });
  health.failed("t/1", "still", 40_000);
  assert.equal(pause()?.atMs, 100_000);
  for (let i = 0; i < 20; i++) health.failed("t/1", "still", 100_000);
  assert.equal(pause()?.atMs, 700_000, "ten minutes at most");
  health.succeeded("t/1", 99_000);
  assert.ok(pause(), "that one was ready before the others failed");
  health.succeeded("t/1", 700_000);
  assert.equal(pause(), undefined);
});

test("a changed template starts anew, and its older spares say nothing of it", () => {
  const health = new PoolHealth();
  health.follow("t/1");
  for (let i = 0; i < 3; i++) health.failed("t/1", "refused", 0);
  health.follow("t/2");
  assert.equal(health.pause, undefined);
  for (let i = 0; i < 3; i++) health.failed("t/1", "late", 0);
  assert.equal(health.pause, undefined);
});
