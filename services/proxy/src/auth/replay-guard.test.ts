import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "@carrel/std";
import { ReplayGuard } from "./replay-guard.ts";

test("an id is taken once until it may be forgotten", () => {
  let nowMs = 0;
  const guard = new ReplayGuard({ ...systemClock, now: () => nowMs });
  assert.equal(guard.use("a", 100), true);
  assert.equal(guard.use("a", 100), false);
  assert.equal(guard.use("b", 150), true);
  nowMs = 99;
  assert.equal(guard.use("a", 200), false);
  nowMs = 100;
  assert.equal(guard.use("a", 200), true);
  assert.equal(guard.use("b", 200), false);
});

test("without room nobody is let in", () => {
  const guard = new ReplayGuard({ ...systemClock, now: () => 0 });
  for (let id = 0; id < 100_000; id++) guard.use(String(id), 1);
  assert.equal(guard.use("one more", 1), false);
});
