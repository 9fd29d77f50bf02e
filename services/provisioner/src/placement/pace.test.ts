import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace } from "./pace.ts";

test("a burst, then a steady pace", () => {
  const pace = new Pace(2, 3);
  const taken = (nowMs: number): number => {
    let count = 0;
    while (pace.take(nowMs)) count++;
    return count;
  };
  assert.deepEqual([taken(10_000), taken(10_400), taken(10_600), taken(60_000)], [3, 0, 1, 3]);
});
