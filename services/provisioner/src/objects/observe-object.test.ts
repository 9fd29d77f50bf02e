import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "@carrel/kube";
import { observeObject, type Awaited } from "./observe-object.ts";

const timeout = "2m";
const see = (status: object, awaited: Partial<Awaited>, generation = 1): ReturnType<typeof observeObject> =>
  observeObject({ metadata: { name: "x", generation }, status } as KubeObject, { outputs: {}, ...awaited });
const waiting = (message: string): object => ({ state: "waiting", message });
const ready = (outputs = {}): object => ({ state: "ready", outputs });

test("without conditions it is ready when it is there", () => {
  assert.deepEqual(see({}, {}), ready());
});

test("a condition must be True, and of the newest state", () => {
  const waitFor = { condition: "Ready", timeout };
  assert.deepEqual(see({}, { waitFor }), waiting("the condition Ready is not there"));
  const no = { type: "Ready", status: "False", reason: "NoDisk", message: "0 of 1" };
  assert.deepEqual(see({ conditions: [no] }, { waitFor }), waiting("the condition Ready is False (NoDisk: 0 of 1)"));
  const yes = { type: "Ready", status: "True" };
  assert.deepEqual(see({ conditions: [{ type: "Other", status: "False" }, yes] }, { waitFor }), ready());
  const old = see({ observedGeneration: 1, conditions: [yes] }, { waitFor }, 2);
  assert.deepEqual(old, waiting("the condition Ready is that of an older state"));
  assert.deepEqual(see({ conditions: "none" }, { waitFor }).state, "waiting");
});

test("a field must have the value, or any", () => {
  const any = { path: "status.ready", timeout };
  for (const nothing of [undefined, null, ""]) assert.equal(see({ ready: nothing }, { waitFor: any }).state, "waiting");
  for (const something of [false, 0, "x", []]) assert.equal(see({ ready: something }, { waitFor: any }).state, "ready");
  const exact = { ...any, value: "true" };
  assert.deepEqual(see({ ready: false }, { waitFor: exact }), waiting("status.ready is false, not true"));
  assert.deepEqual(see({}, { waitFor: exact }), waiting("status.ready is not there, not true"));
  assert.equal(see({ ready: true }, { waitFor: exact }).state, "ready");
  assert.equal(see({ ready: "true" }, { waitFor: exact }).state, "ready");
});

test("a message shows nothing of a Secret", () => {
  const secret = { kind: "Secret", metadata: { name: "x" }, data: { token: "aHVzaA==" } };
  const waitFor = { path: "data.token", value: "eA==", timeout };
  const seen = observeObject(secret, { waitFor, outputs: {} });
  assert.deepEqual(seen, waiting("data.token is something else, not eA=="));
});

test("outputs are plain values, and are waited for", () => {
  const outputs = { address: "status.network.primaryIP4", port: "status.ports[0].number" };
  assert.deepEqual(see({}, { outputs }), waiting("output address: status.network.primaryIP4 is not there"));
  const status = { network: { primaryIP4: "10.1.2.3" }, ports: [{ number: 22 }] };
  assert.deepEqual(see(status, { outputs }), ready({ address: "10.1.2.3", port: "22" }));
  assert.equal(see({ ...status, ports: [{ number: {} }] }, { outputs }).state, "failed");
  assert.equal(see({ ...status, ports: [{ number: "x".repeat(4097) }] }, { outputs }).state, "failed");
  assert.equal(see({ ...status, ports: "x" }, { outputs }).state, "waiting");
  assert.equal(see({}, { outputs: { x: "constructor.name" } }).state, "waiting", "own fields only");
});
