import assert from "node:assert/strict";
import { test } from "node:test";
import { phaseOf, startAtPhase } from "./start-phase.ts";

test("a run meets every part of the second once, whatever its length", () => {
  for (const count of [1, 2, 3, 7, 20, 100]) {
    const parts = Array.from({ length: count }, (_, index) => Math.floor(phaseOf(index, count) * count));
    assert.deepEqual(
      parts.toSorted((a, b) => a - b),
      Array.from({ length: count }, (_, index) => index),
      `${count}`,
    );
  }
});

test("neighbours are far apart", () => {
  for (let index = 0; index < 19; index++) {
    const distance = Math.abs(phaseOf(index, 20) - phaseOf(index + 1, 20));
    assert.ok(distance > 0.2, `${index}: ${distance}`);
  }
});

test("starts are in step with the anchor and never early", () => {
  assert.equal(startAtPhase(10_250, 12_000, 0.5), 12_750);
  assert.equal(startAtPhase(10_250, 12_750, 0.5), 12_750);
  assert.equal(startAtPhase(10_250, 12_751, 0.5), 13_750);
  assert.equal(startAtPhase(10_250, 0, 0.1), 10_350);
});
