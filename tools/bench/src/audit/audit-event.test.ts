import assert from "node:assert/strict";
import { test } from "node:test";
import { toApiCall } from "./audit-event.ts";
import { parseAuditLines } from "./audit-log.ts";
import { recordedCalls } from "./fixtures/session-life.ts";

test("a real line: who, what, when, to the microsecond", () => {
  const [first] = recordedCalls();
  assert.deepEqual(first, {
    user: "system:serviceaccount:carrel-system:provisioner",
    verb: "create",
    resource: "sessions",
    namespace: "",
    name: "sqehtrxvwm34jpiyo5qh4",
    code: 201,
    receivedMs: Date.parse("2026-11-24T08:05:02.441Z") + 0.511,
    completedMs: Date.parse("2026-11-24T08:05:02.491Z") + 0.125,
  });
});

test("a subresource belongs to what is called; what has no object has no resource", () => {
  const resources = new Set(recordedCalls().map(({ resource }) => resource));
  for (const resource of ["sessions/status", "pods/binding", "serviceaccounts/token"])
    assert.ok(resources.has(resource));
  const call = toApiCall({
    verb: "get",
    user: { username: "kubernetes-admin" },
    requestReceivedTimestamp: "2026-11-24T08:05:02Z",
    stageTimestamp: "2026-11-24T08:05:02.000001Z",
  });
  assert.deepEqual([call.resource, call.name, call.code], ["", "", 0]);
  // A double holds an instant of this century to a quarter of a microsecond.
  assert.ok(Math.abs(call.completedMs - call.receivedMs - 0.001) < 0.0003);
});

test("no lines, no calls", () => {
  assert.deepEqual(parseAuditLines(""), []);
});
