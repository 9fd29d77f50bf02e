import assert from "node:assert/strict";
import { test } from "node:test";
import { aSession } from "@carrel/testkit";
import { planStart } from "./plan-start.ts";

const NOW = Date.parse("2026-01-01T12:00:00Z");
const session = aSession({ nowMs: NOW });

test("a session that waited ten minutes gets all of its time from now", () => {
  const times = planStart(session, { startDeadline: "5m" }, NOW + 600_000);
  assert.deepEqual(times, {
    startDeadlineAt: "2026-01-01T12:15:00.000Z",
    expiresAt: "2026-01-01T13:10:00.000Z",
    deadlineAt: "2026-01-01T20:10:00.000Z",
  });
});

test("counted again after a crash it gets no more", () => {
  const once = { ...session, spec: { ...session.spec, ...planStart(session, { startDeadline: "5m" }, NOW + 600_000) } };
  const twice = planStart(once, { startDeadline: "5m" }, NOW + 601_000);
  assert.equal(twice.expiresAt, "2026-01-01T13:10:01.000Z");
});

test("a start deadline that became shorter does not cut the session", () => {
  const times = planStart(session, { startDeadline: "1m" }, NOW);
  assert.equal(Date.parse(times.expiresAt), Date.parse(session.spec.expiresAt));
  assert.equal(times.startDeadlineAt, "2026-01-01T12:01:00.000Z");
});
