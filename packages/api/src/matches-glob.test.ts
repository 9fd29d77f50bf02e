import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesGlob } from "./matches-glob.ts";

for (const [glob, text, expected] of [
  ["a", "a", true],
  ["a", "ab", false],
  ["*", "", true],
  ["a*", "abc", true],
  ["*c", "abc", true],
  ["a*c", "ac", true],
  ["ab*bc", "abc", false],
  ["a*b*c", "a-b-c", true],
  ["a*b*bc", "abc", false],
  ["a.c", "abc", false],
  ["a**c", "abc", true],
] as const) {
  test(`${glob} ${expected ? "matches" : "does not match"} "${text}"`, () =>
    assert.equal(matchesGlob(glob, text), expected));
}
