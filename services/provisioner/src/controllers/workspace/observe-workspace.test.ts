import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "@carrel/kube";
import { aContext } from "../../resources/testing/a-context.ts";
import type { ObjectsOutcome } from "./objects-port.ts";
import { observeWorkspace, type WorkspaceFacts } from "./observe-workspace.ts";

const context = aContext();
const readyPod: Pod = {
  metadata: { name: "desk" },
  spec: { containers: [] },
  status: { conditions: [{ type: "Ready", status: "True" }] },
};
const facts = (given: Partial<WorkspaceFacts> = {}): WorkspaceFacts => ({
  namespaces: [],
  pod: readyPod,
  bound: true,
  outcome: { objects: [], outputs: {}, done: true },
  claiming: false,
  ...given,
});
const outcome = (given: Partial<ObjectsOutcome>): ObjectsOutcome => ({
  objects: [{ name: "db", apiVersion: "v1", kind: "Pod", object: "db", state: "Waiting" }],
  outputs: {},
  done: false,
  ...given,
});
const reasonOf = (given: Partial<WorkspaceFacts>): [boolean, string] => {
  const { ready, reason } = observeWorkspace(context, facts(given));
  return [ready, reason];
};

test("Ready needs the desk, the learner's rights and the objects", () => {
  assert.deepEqual(reasonOf({}), [true, "Ready"]);
  assert.deepEqual(reasonOf({ pod: undefined }), [false, "PodStarting"]);
  assert.deepEqual(reasonOf({ bound: false }), [false, "Creating"]);
  assert.deepEqual(reasonOf({ bound: false, late: true, pod: undefined }), [false, "WaitingForQuota"]);
  assert.deepEqual(reasonOf({ outcome: outcome({}) }), [false, "WaitingForObjects"]);
  assert.deepEqual(reasonOf({ outcome: undefined }), [true, "Ready"]);
});

test("the desk's own trouble is told before what else is missing", () => {
  assert.deepEqual(reasonOf({ pod: undefined, outcome: outcome({}) }), [false, "PodStarting"]);
});

test("a failure of the objects is told whatever else there is", () => {
  const failure = "object db: refused";
  assert.deepEqual(reasonOf({ pod: undefined, outcome: outcome({ failure }) }), [false, "ObjectsFailed"]);
  const missing = outcome({ failure, reason: "SourceMissing" });
  assert.deepEqual(reasonOf({ outcome: missing }), [false, "SourceMissing"]);
});

test("what an object waits for is told with it", () => {
  const db = { name: "db", apiVersion: "v1", kind: "Pod", object: "db", state: "Waiting" as const };
  const waiting = outcome({ objects: [{ ...db, message: "status.ready is false, not true" }] });
  const { message } = observeWorkspace(context, facts({ outcome: waiting }));
  assert.equal(message, "not ready yet: db (status.ready is false, not true)");
});

test("a claim goes on until its objects are there, also when they fail", () => {
  const { reason, message, claiming } = observeWorkspace(context, facts({ claiming: true, outcome: outcome({}) }));
  assert.deepEqual([reason, message, claiming], ["Claimed", "not ready yet: db", true]);
  const failed = observeWorkspace(context, facts({ claiming: true, outcome: outcome({ failure: "no" }) }));
  assert.deepEqual([failed.reason, failed.claiming], ["ObjectsFailed", true]);
  assert.equal(observeWorkspace(context, facts({ claiming: true })).claiming, false);
});
