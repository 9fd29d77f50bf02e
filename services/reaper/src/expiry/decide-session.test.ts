import assert from "node:assert/strict";
import { test } from "node:test";
import { API_VERSION, type Session, type SessionSpec, type SessionStatus } from "@carrel/api";
import { decideSession, TOMBSTONE_MS } from "./decide-session.ts";

const NOW = Date.parse("2026-01-01T12:00:00Z");
const at = (ms: number): string => new Date(NOW + ms).toISOString();

function session(spec: Partial<SessionSpec> = {}, status?: SessionStatus): Session {
  return {
    apiVersion: API_VERSION,
    kind: "Session",
    metadata: { name: "s" },
    spec: {
      tenant: "t",
      template: { name: "x", uid: "u", generation: 1 },
      user: { id: "u" },
      parameters: {},
      requestDigest: "",
      workspace: "w",
      expiresAt: at(60_000),
      deadlineAt: at(120_000),
      startDeadlineAt: at(10_000),
      ...spec,
    },
    ...(status === undefined ? {} : { status }),
  };
}

test("waits for the nearer of start deadline and expiry, and only for expiry once ready", () => {
  assert.deepEqual(decideSession(session(), NOW), { action: "wait", ms: 10_000 });
  assert.deepEqual(decideSession(session({}, { phase: "Ready" }), NOW), { action: "wait", ms: 60_000 });
});

test("never early: a millisecond before is a wait, the instant itself is the end", () => {
  const ready = session({}, { phase: "Ready" });
  assert.deepEqual(decideSession(ready, NOW + 59_999), { action: "wait", ms: 1 });
  assert.equal(decideSession(ready, NOW + 60_000).action, "end");
});

test("a missed start deadline keeps the cause", () => {
  const decision = decideSession(
    session(
      {},
      {
        phase: "Provisioning",
        conditions: [
          {
            type: "Ready",
            status: "False",
            reason: "ImagePullFailed",
            message: "no such image",
            lastTransitionTime: at(0),
          },
        ],
      },
    ),
    NOW + 10_000,
  );
  assert.ok(
    decision.action === "end" &&
      decision.reason === "StartDeadlineExceeded" &&
      decision.message.includes("ImagePullFailed: no such image"),
  );
});

test("one who waits for a place is judged by its queue deadline alone", () => {
  const queued = session({ queueDeadlineAt: at(90_000) }, { phase: "Queued" });
  assert.deepEqual(decideSession(queued, NOW + 65_000), { action: "wait", ms: 25_000 });
  const decision = decideSession(queued, NOW + 90_000);
  assert.ok(decision.action === "end" && decision.reason === "QueueDeadlineExceeded");
  assert.deepEqual(decideSession(session({}, { phase: "Queued" }), NOW), { action: "wait", ms: 10_000 });
});

test("an asked-for end wins over times; Ending tears down whatever the times say", () => {
  const end = { reason: "EndedByUser", at: at(0), by: "alice" } as const;
  assert.deepEqual(decideSession(session({ end }, { phase: "Ready" }), NOW), {
    action: "end",
    reason: "EndedByUser",
    message: "asked for by alice",
  });
  assert.deepEqual(decideSession(session({ end }, { phase: "Ending" }), NOW), { action: "teardown" });
});

test("unreadable instants end nothing", () => {
  assert.deepEqual(decideSession(session({ expiresAt: "soon", startDeadlineAt: "soon" }), NOW), { action: "rest" });
  assert.deepEqual(decideSession(session({}, { phase: "Ended", endedAt: "x" }), NOW), { action: "rest" });
});

test("a tombstone rests for 24 h", () => {
  const ended = session({}, { phase: "Ended", endedAt: at(0) });
  assert.deepEqual(decideSession(ended, NOW + 1), { action: "wait", ms: TOMBSTONE_MS - 1 });
  assert.deepEqual(decideSession(ended, NOW + TOMBSTONE_MS), { action: "forget" });
});
