import assert from "node:assert/strict";
import { test } from "node:test";
import type { Condition } from "@carrel/api";
import { WORKSPACES } from "../client/resource.ts";
import { objectKey, splitObjectKey } from "./object-key.ts";
import { controllerOf, controllerRef, isOwnedBy, ownerRef } from "./owner-reference.ts";
import { findCondition, isConditionTrue, setCondition } from "./set-condition.ts";

const at = (iso: string): { now(): number } => ({ now: () => Date.parse(iso) });
const ready: Omit<Condition, "lastTransitionTime"> = {
  type: "Ready",
  status: "True",
  reason: "Ready",
  message: "",
  observedGeneration: 1,
};

test("a condition's transition time moves with its status, and with nothing else", () => {
  const first = setCondition(undefined, ready, at("2026-01-01T00:00:00.987Z"));
  assert.deepEqual(first, [{ ...ready, lastTransitionTime: "2026-01-01T00:00:00Z" }]);

  const later = at("2026-01-01T01:00:00.000Z");
  assert.equal(setCondition(first, ready, later), first, "nothing changed: the same array");
  const renamed = setCondition(first, { ...ready, reason: "Other", observedGeneration: 2 }, later);
  assert.deepEqual(renamed, [
    { ...ready, reason: "Other", observedGeneration: 2, lastTransitionTime: "2026-01-01T00:00:00Z" },
  ]);
  const down = setCondition(renamed, { ...ready, status: "False", reason: "PodNotReady" }, later);
  assert.equal(down[0]?.lastTransitionTime, "2026-01-01T01:00:00Z");
});

test("other conditions stay where they are, and the input as it was", () => {
  const other = { type: "Progressing", status: "True", reason: "X", message: "", lastTransitionTime: "t" } as const;
  const before = setCondition([other], ready, at("2026-01-01T00:00:00Z"));
  const frozen = structuredClone(before);
  const after = setCondition(before, { ...ready, status: "Unknown" }, at("2026-01-02T00:00:00Z"));
  assert.deepEqual(before, frozen);
  assert.equal(after[0], other);
  assert.deepEqual([isConditionTrue(before, "Ready"), isConditionTrue(after, "Ready")], [true, false]);
  assert.equal(findCondition(after, "Nope"), undefined);
});

test("ownership is by UID", () => {
  const owner = { metadata: { name: "w1", uid: "u1" } };
  assert.deepEqual(controllerRef(WORKSPACES, owner), {
    apiVersion: "carrel.dev/v1alpha1",
    kind: "Workspace",
    name: "w1",
    uid: "u1",
    controller: true,
    blockOwnerDeletion: true,
  });
  const owned = { metadata: { name: "ns", ownerReferences: [ownerRef(WORKSPACES, owner)] } };
  assert.ok(isOwnedBy(owned, "u1") && !isOwnedBy(owned, "u2") && !isOwnedBy(owner, "u1"));
  assert.equal(controllerOf(owned), undefined);
  assert.throws(() => ownerRef(WORKSPACES, { metadata: { name: "w1" } }), /no uid/);
});

test("keys go there and back", () => {
  for (const metadata of [{ name: "a" }, { name: "a", namespace: "b" }]) {
    const { namespace, name } = splitObjectKey(objectKey({ metadata }));
    assert.deepEqual(namespace === undefined ? { name } : { name, namespace }, metadata);
  }
});
