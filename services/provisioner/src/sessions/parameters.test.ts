import assert from "node:assert/strict";
import { test } from "node:test";
import { parameterSchema, type ParameterValue } from "@carrel/api";
import { resolveParameters } from "./parameters.ts";

const declared = [
  { name: "course", required: true, maxLength: 8 },
  { name: "seats", type: "int", default: "3" },
  { name: "verbose", type: "bool" },
  { name: "level", enum: ["easy", "hard"], default: "easy" },
  { name: "code", pattern: "[A-Z]{3}" },
].map((parameter) => parameterSchema.parse(parameter));

test("fills in defaults and writes every value as a string", () => {
  assert.deepEqual(resolveParameters(declared, { course: "k8s", seats: 5, verbose: true, code: "ABC" }), {
    course: "k8s",
    seats: "5",
    verbose: "true",
    level: "easy",
    code: "ABC",
  });
});

const refused: [string, Record<string, ParameterValue>, RegExp][] = [
  ["missing", {}, /parameters\.course: is required/],
  ["unknown", { course: "a", curse: "b" }, /parameters\.curse: the template has no such parameter/],
  ["oversized", { course: "123456789" }, /9 characters long; at most 8/],
  ["not an integer", { course: "a", seats: "1.5" }, /parameters\.seats: must be an integer/],
  ["not a boolean", { course: "a", verbose: "yes" }, /must be true or false/],
  ["not in the enum", { course: "a", level: "insane" }, /must be one of easy, hard/],
  ["a pattern is anchored", { course: "a", code: "xABCx" }, /must match \[A-Z\]\{3\}/],
  ["a number for a string", { course: 7 }, /must be a string/],
];
for (const [name, given, message] of refused) {
  test(`refuses: ${name}`, () => assert.throws(() => resolveParameters(declared, given), message));
}
