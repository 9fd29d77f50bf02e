import assert from "node:assert/strict";
import { test } from "node:test";
import { callsOfSession, serviceOf } from "./attribute-call.ts";
import type { ApiCall } from "./audit-event.ts";
import { RECORDED, recordedCalls } from "./fixtures/session-life.ts";
import { isWrite, stagesOf } from "./stages-of.ts";

const call = (name: string, receivedMs: number, completedMs: number): ApiCall => ({
  user: "",
  verb: "create",
  resource: "pods",
  namespace: "",
  name,
  code: 201,
  receivedMs,
  completedMs,
});
const names = (calls: readonly ApiCall[]): string[][] =>
  stagesOf(calls).map((stage) => stage.map(({ name }) => name).toSorted());

test("calls that overlap are one stage, in whatever order they were logged", () => {
  assert.deepEqual(names([call("b", 5, 20), call("a", 0, 10)]), [["a", "b"]]);
});

test("a call begins a stage when all of the stage before have completed", () => {
  // c overlaps b, which outlives a: all three are one stage, though c was received after a had completed.
  assert.deepEqual(names([call("a", 0, 10), call("b", 5, 30), call("c", 12, 15), call("d", 30, 31)]), [
    ["a", "b", "c"],
    ["d"],
  ]);
});

test("no calls, no stages", () => {
  assert.deepEqual(stagesOf([]), []);
});

test("the recorded session until it was ready", () => {
  const readyMs = Date.parse("2026-11-24T08:05:05.145Z");
  const writes = callsOfSession(recordedCalls(), RECORDED).filter(
    (each) => serviceOf(each) === "provisioner" && isWrite(each) && each.receivedMs < readyMs,
  );
  const stages = stagesOf(writes).map((stage) => [...new Set(stage.map(({ resource }) => resource))].toSorted());
  assert.deepEqual(stages.slice(0, 7), [
    ["sessions"],
    ["sessions/status", "workspaces"],
    ["namespaces"],
    ["limitranges", "networkpolicies", "resourcequotas", "serviceaccounts"],
    ["pods"],
    ["rolebindings"],
    ["workspaces/status"],
  ]);
  assert.ok(stages[7]?.includes("sessions/status"));
  assert.equal(stages.length, 8);
});
