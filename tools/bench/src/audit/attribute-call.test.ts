import assert from "node:assert/strict";
import { test } from "node:test";
import { attributeCall, callsOfSession, serviceOf } from "./attribute-call.ts";
import { countCalls } from "./count-calls.ts";
import { RECORDED, recordedCalls } from "./fixtures/session-life.ts";

const calls = recordedCalls();
const find = (kind: string, service?: string) => {
  const found = calls.find(
    (call) => `${call.verb} ${call.resource}` === kind && (service === undefined || serviceOf(call) === service),
  );
  assert.ok(found, kind);
  return found;
};

test("only Carrel's own ServiceAccounts are its services", () => {
  assert.equal(serviceOf(find("create namespaces")), "provisioner");
  assert.equal(serviceOf(find("deletecollection pods")), "reaper");
  assert.equal(serviceOf(find("create pods/binding")), undefined);
  assert.equal(serviceOf({ ...find("create pods"), user: "system:serviceaccount:default:provisioner" }), undefined);
});

test("a call is about a session by name, by workspace, by namespace, or by the object of an Event", () => {
  for (const kind of ["create sessions", "create workspaces", "create pods", "delete namespaces"])
    assert.equal(attributeCall(find(kind), RECORDED), "session", kind);
  const event = find("create events", "reaper");
  assert.equal(event.namespace, "default");
  assert.equal(attributeCall(event, RECORDED), "session");
});

test("another session's calls are not this one's", () => {
  const others = calls.filter((call) => attributeCall(call, RECORDED) === "another");
  assert.equal(others.length, 12);
  assert.deepEqual(
    new Set(others.filter(({ namespace }) => namespace !== "").map(({ namespace }) => namespace)).size,
    1,
  );
});

test("reads that name no session are told from a process's own work", () => {
  assert.equal(attributeCall(find("get policyprofiles"), RECORDED), "unnamed");
  assert.equal(attributeCall(find("update leases"), RECORDED), "process");
  const watch = { ...find("get policyprofiles"), verb: "watch" };
  assert.equal(attributeCall(watch, RECORDED), "process");
  // A list in the session's own namespace is a process's own too: informers list everything or nothing.
  assert.equal(attributeCall({ ...find("create pods"), verb: "list" }, RECORDED), "process");
});

test("the recorded life counts what jq counts", () => {
  const { total, byService } = countCalls(callsOfSession(calls, RECORDED));
  assert.equal(total, 42);
  const sum = (service: string): number => Object.values(byService[service] ?? {}).reduce((a, b) => a + b, 0);
  assert.deepEqual([sum("provisioner"), sum("reaper"), sum("webhook")], [31, 9, 2]);
  assert.equal(byService["provisioner"]?.["create resourcequotas"], 3);
  assert.equal(byService["provisioner"]?.["create resourcequotas 409"], 3);
  assert.equal(byService["webhook"]?.["get policyprofiles 404"], 2);
  assert.equal(byService["reaper"]?.["patch sessions/status"], 2);
});
