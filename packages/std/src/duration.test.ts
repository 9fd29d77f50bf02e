import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode } from "./carrel-error.ts";
import { parseDurationMs } from "./duration.ts";

test("durations: each unit, and nothing else", () => {
  assert.deepEqual(["90s", "30m", "4h", "2d"].map(parseDurationMs), [90_000, 1_800_000, 14_400_000, 172_800_000]);
  for (const bad of ["", "30", "m", "0m", "1.5h", "-1s", "1h30m", "1w", " 1s", "1s ", "9999999d"]) {
    assert.throws(
      () => parseDurationMs(bad),
      (error) => hasCode(error, "INVALID"),
      bad,
    );
  }
});
