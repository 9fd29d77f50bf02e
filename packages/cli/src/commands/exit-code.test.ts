import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "@carrel/api";
import { CarrelError } from "@carrel/std";
import { exitCodeOf } from "./exit-code.ts";
import { UsageError } from "./usage-error.ts";

for (const [what, error, code] of [
  ["a bug", new Error("x"), 1],
  ["a failure", new CarrelError("NO_CLUSTER", "x"), 1],
  ["a typo", new UsageError("x"), 2],
  ["a refusal", new ApiError("NOT_FOUND", "x"), 3],
  ["not now", new ApiError("UNAVAILABLE", "x"), 4],
  ["Ctrl-C", new CarrelError("INTERRUPTED", "x"), 130],
] as const) {
  test(`${what} exits with ${code}`, () => assert.equal(exitCodeOf(error), code));
}
