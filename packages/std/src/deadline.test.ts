import assert from "node:assert/strict";
import { test } from "node:test";
import { deadlineSignal } from "./deadline.ts";

test("any number of milliseconds is a deadline: fractions, past ones, ones beyond a timer's range", () => {
  for (const ms of [0.4, 1.5, -3, 2 ** 40, Number.POSITIVE_INFINITY])
    assert.ok(deadlineSignal(ms) instanceof AbortSignal);
});
