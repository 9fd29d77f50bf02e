import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode } from "@carrel/std";
import { renderVariables } from "./variables.ts";

test("replaces in nested strings, once, and leaves keys and other types alone", () => {
  const tree = { "$(a)": ["x$(a)y", 1, true, null, { b: "$(a)$(b)" }], c: "$$(a)" };
  assert.deepEqual(renderVariables(tree, { a: "$(b)", b: "2" }), {
    "$(a)": ["x$(b)y", 1, true, null, { b: "$(b)2" }],
    c: "$(a)",
  });
});

test("names every unknown variable, also ones that live on Object.prototype", () => {
  assert.throws(
    () => renderVariables(["$(session.nme)", "$(toString)"], { "session.name": "s" }),
    (error: Error) => hasCode(error, "INVALID") && error.message.includes("session.nme, toString"),
  );
});
