import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { test } from "node:test";
import { forEachBounded } from "./for-each-bounded.ts";

test("as many at once as allowed and no more; all are run, and the first error is thrown", async () => {
  let running = 0;
  let most = 0;
  const done: number[] = [];
  const work = async (item: number): Promise<void> => {
    most = Math.max(most, ++running);
    await setImmediate();
    running--;
    done.push(item);
    if (item % 10 === 3) throw new Error(`item ${item}`);
  };
  const items = Array.from({ length: 40 }, (_, index) => index);
  await assert.rejects(forEachBounded(items, 16, work), /item 3$/);
  assert.deepEqual([most, done.toSorted((a, b) => a - b)], [16, items]);
  await forEachBounded([], 16, work);
});
