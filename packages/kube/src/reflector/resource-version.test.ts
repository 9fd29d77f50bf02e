import assert from "node:assert/strict";
import { test } from "node:test";
import { compareResourceVersions } from "./resource-version.ts";

test("versions compare as integers of any size, and not at all when they are none", () => {
  assert.equal(compareResourceVersions("9", "10"), -1);
  assert.equal(compareResourceVersions("18446744073709551615", "18446744073709551614"), 1);
  assert.equal(compareResourceVersions("7", "7"), 0);
  assert.equal(compareResourceVersions("7", "abc"), undefined);
  assert.equal(compareResourceVersions("", "7"), undefined);
});
