import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode } from "@carrel/std";
import { renderVariables } from "./render-variables.ts";

test("replaces in nested strings, once, and leaves keys and other types alone", () => {
  const tree = { "$(a)": ["x$(a)y", 1, true, null, { b: "$(a)$(b)" }], c: "$$(a)" };
  assert.deepEqual(renderVariables(tree, { a: "$(b)", b: "2" }), {
    "$(a)": ["x$(b)y", 1, true, null, { b: "$(b)2" }],
    c: "$(a)",
  });
});

test("names every unknown variable and its place, also ones that live on Object.prototype", () => {
  assert.throws(
    () => renderVariables({ a: ["$(session.nme)", "$(toString)"] }, { "session.name": "s" }, "spec"),
    (error: Error) =>
      hasCode(error, "INVALID") &&
      error.message.includes("spec.a[0]: there is no variable session.nme") &&
      error.message.includes("spec.a[1]: there is no variable toString"),
  );
});
