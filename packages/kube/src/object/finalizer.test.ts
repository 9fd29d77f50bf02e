import assert from "node:assert/strict";
import { test } from "node:test";
import { addFinalizerPatch, hasFinalizer, removeFinalizerPatch } from "./finalizer.ts";

const OURS = "carrel.dev/teardown";
const object = (
  finalizers?: readonly string[],
): { metadata: { name: string; uid: string; resourceVersion: string } } => ({
  metadata: { name: "w1", uid: "u1", resourceVersion: "7", ...(finalizers === undefined ? {} : { finalizers }) },
});
const uid = { op: "test", path: "/metadata/uid", value: "u1" };

test("adding appends to a list, and guards the creation of one by version", () => {
  assert.deepEqual(addFinalizerPatch(object(["a/b"]), OURS), [
    uid,
    { op: "add", path: "/metadata/finalizers/-", value: OURS },
  ]);
  for (const empty of [object(), object([])]) {
    assert.deepEqual(addFinalizerPatch(empty, OURS), [
      uid,
      { op: "test", path: "/metadata/resourceVersion", value: "7" },
      { op: "add", path: "/metadata/finalizers", value: [OURS] },
    ]);
  }
  assert.equal(addFinalizerPatch(object(["a/b", OURS]), OURS), undefined);
});

test("removing takes only ours, and only if it is still where it was seen", () => {
  assert.deepEqual(removeFinalizerPatch(object(["a/b", OURS, "c/d"]), OURS), [
    uid,
    { op: "test", path: "/metadata/finalizers/1", value: OURS },
    { op: "remove", path: "/metadata/finalizers/1" },
  ]);
  assert.equal(removeFinalizerPatch(object(["a/b"]), OURS), undefined);
  assert.equal(removeFinalizerPatch(object(), OURS), undefined);
  assert.ok(hasFinalizer(object([OURS]), OURS) && !hasFinalizer(object(), OURS));
});
