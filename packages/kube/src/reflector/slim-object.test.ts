import assert from "node:assert/strict";
import { test } from "node:test";
import { slimObject } from "./slim-object.ts";

test("managedFields and last-applied go, everything else stays, the original is untouched", () => {
  const metadata = {
    name: "a",
    managedFields: [{ manager: "kubectl" }],
    annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{}", keep: "1" },
    labels: { x: "y" },
  };
  const object = { metadata, spec: { unknown: true } };
  assert.deepEqual(slimObject(object), {
    metadata: { name: "a", annotations: { keep: "1" }, labels: { x: "y" } },
    spec: { unknown: true },
  });
  assert.equal(object.metadata.managedFields.length, 1);
  assert.deepEqual(slimObject({ metadata: { name: "b" } }), { metadata: { name: "b" } });
});
