import assert from "node:assert/strict";
import { test } from "node:test";
import { OutputTail } from "./output-tail.ts";

test("keeps the end, and says when something was cut off", () => {
  const tail = new OutputTail(10);
  tail.add("12345");
  tail.add("67890");
  assert.equal(tail.text(), "1234567890");
  tail.add("abc");
  assert.equal(tail.text(), "[…]4567890abc");
  for (let i = 0; i < 1000; i++) tail.add(`${i % 10}`);
  assert.equal(tail.text(), "[…]0123456789");
});
