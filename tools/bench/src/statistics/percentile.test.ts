import assert from "node:assert/strict";
import { test } from "node:test";
import { median, percentile } from "./percentile.ts";

test("percentiles are values that were measured", () => {
  const values = Array.from({ length: 200 }, (_, index) => 200 - index);
  assert.equal(percentile(values, 1), 2);
  assert.equal(percentile(values, 50), 100);
  assert.equal(percentile(values, 99), 198);
  assert.equal(percentile(values, 100), 200);
});

test("of few values the 99th is the largest, the median of an even number the lower one", () => {
  assert.equal(percentile([3, 1, 2], 99), 3);
  assert.equal(median([4, 1, 3, 2]), 2);
  assert.equal(median([7]), 7);
});

test("numbers are sorted as numbers, and the caller's array stays as it is", () => {
  const values = [10, 9, 100];
  assert.equal(median(values), 10);
  assert.deepEqual(values, [10, 9, 100]);
});

test("nothing, or a percentage that does not exist, is an error", () => {
  assert.throws(() => median([]), RangeError);
  for (const percent of [0, -1, 101, Number.NaN]) assert.throws(() => percentile([1], percent), RangeError);
});
