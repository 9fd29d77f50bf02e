import assert from "node:assert/strict";
import { test } from "node:test";
import { parameterSchema, type ParameterValue } from "@carrel/api";
import { resolveParameters } from "./resolve-parameters.ts";

const declared = [
  { name: "course", required: true, maxLength: 8 },
  { name: "seats", type: "int", default: "3" },
  { name: "age", type: "int", minimum: 6, maximum: 99, default: "20" },
  { name: "verbose", type: "bool" },
  { name: "level", enum: ["easy", "hard"], default: "easy" },
  { name: "code", pattern: "[A-Z]{3}" },
].map((parameter) => parameterSchema.parse(parameter));

test("fills in defaults and writes every value as a string", () => {
  assert.deepEqual(resolveParameters(declared, { course: "k8s", seats: 5, verbose: true, code: "ABC" }).values, {
    course: "k8s",
    seats: "5",
    age: "20",
    verbose: "true",
    level: "easy",
    code: "ABC",
  });
});

test("keeps secret values apart from the others, and out of messages", () => {
  const [open, secret] = [{ name: "open" }, { name: "token", secret: true, maxLength: 8 }].map((parameter) =>
    parameterSchema.parse(parameter),
  );
  assert.ok(open && secret);
  assert.deepEqual(resolveParameters([open, secret], { open: "a", token: "hush" }), {
    values: { open: "a" },
    secrets: { token: "hush" },
  });
  assert.throws(
    () => resolveParameters([secret], { token: "hush hush hush" }),
    (error: Error) => !error.message.includes("hush"),
  );
});

const refused: [string, Record<string, ParameterValue>, RegExp][] = [
  ["missing", {}, /parameters\.course: is required/],
  ["unknown", { course: "a", curse: "b" }, /parameters\.curse: the template has no such parameter/],
  ["oversized", { course: "123456789" }, /9 characters long; at most 8/],
  ["not an integer", { course: "a", seats: "1.5" }, /parameters\.seats: must be an integer/],
  ["too small", { course: "a", age: 5 }, /parameters\.age: must be at least 6/],
  ["too large", { course: "a", age: "100" }, /parameters\.age: must be at most 99/],
  ["not a boolean", { course: "a", verbose: "yes" }, /must be true or false/],
  ["not in the enum", { course: "a", level: "insane" }, /must be one of easy, hard/],
  ["a pattern is anchored", { course: "a", code: "xABCx" }, /must match \[A-Z\]\{3\}/],
  ["a number for a string", { course: 7 }, /must be a string/],
];
for (const [name, given, message] of refused) {
  test(`refuses: ${name}`, () => assert.throws(() => resolveParameters(declared, given), message));
}

test("a pattern that would take forever is given up, and the message holds no value", () => {
  const slow = parameterSchema.parse({ name: "n", pattern: "((a+))+b", secret: true });
  const value = "a".repeat(60);
  assert.throws(
    () => resolveParameters([slow], { n: value }),
    (error: Error) => /takes too long/.test(error.message) && !error.message.includes(value),
  );
});
