import assert from "node:assert/strict";
import { test } from "node:test";
import { RECORDED, recordedCalls } from "./fixtures/session-life.ts";
import { podMilestones, sessionMilestones } from "./milestones.ts";

const calls = recordedCalls();
const span = {
  startMs: Date.parse("2026-11-24T08:05:02.430Z"),
  endMs: Date.parse("2026-11-24T08:05:05.160Z"),
};

test("a session's milestones come in their order, and each was recorded", () => {
  const seen = sessionMilestones(calls, RECORDED, span);
  const order = [
    "session create sent",
    "session created",
    "workspace created",
    "namespace created",
    "namespace filled",
    "pod create sent",
    "pod created",
    "pod bound to a node",
    "kubelet asks for the pod's token",
    "kubelet writes Ready",
    "workspace Ready sent",
    "workspace Ready",
    "session Ready sent",
    "session Ready",
  ];
  const times = order.map((name) => seen[name] ?? assert.fail(`${name} is missing`));
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  assert.ok(Math.abs((seen["session create sent"] ?? 0) - 11.511) < 0.001);
  // Refused calls of the same kind came later: they are no milestones.
  assert.ok((seen["namespace filled"] ?? 0) < 600);
});

test("what the log does not hold is left out", () => {
  // The fixture has no lines of the quota controller.
  assert.equal("quotas taken up" in sessionMilestones(calls, RECORDED, span), false);
  assert.deepEqual(sessionMilestones(calls, { session: "sx", workspace: "wx" }, span), {});
});

test("a pod's milestones are the same whoever made it, and end with the span", () => {
  const pod = podMilestones(calls, RECORDED.workspace, span);
  const session = sessionMilestones(calls, RECORDED, span);
  for (const [name, ms] of Object.entries(pod)) assert.equal(ms, session[name], name);
  const early = podMilestones(calls, RECORDED.workspace, { ...span, endMs: span.startMs + 2000 });
  assert.ok((early["kubelet writes Ready"] ?? 0) < (pod["kubelet writes Ready"] ?? 0));
});
