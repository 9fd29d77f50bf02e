import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Entry, FairQueue, type FairQueueLimits } from "./fair-queue.ts";

const wide: FairQueueLimits = { maxRunning: 1, maxRunningPerKey: 1, maxWaiting: 100, maxWaitingPerKey: 100 };

test("waiting keys take turns, whatever they asked for before", () => {
  const queue = new FairQueue(wide);
  const order: string[] = [];
  const running: Entry[] = [];
  const enter = (key: string): void => {
    const entry: Entry = { key, start: () => void (order.push(key), running.push(entry)) };
    assert.ok(queue.enter(entry));
  };
  for (let i = 0; i < 6; i++) enter("busy");
  enter("calm");
  enter("other");
  for (let entry = running.shift(); entry !== undefined; entry = running.shift()) queue.leave(entry);
  assert.deepEqual(order, ["busy", "busy", "calm", "other", "busy", "busy", "busy", "busy"]);
});

test("one key fills neither the places to run nor those to wait", () => {
  const queue = new FairQueue({ maxRunning: 4, maxRunningPerKey: 2, maxWaiting: 4, maxWaitingPerKey: 2 });
  const enter = (key: string): boolean => queue.enter({ key, start: () => {} });
  assert.deepEqual(
    Array.from({ length: 6 }, () => enter("a")),
    [true, true, true, true, false, false],
  );
  assert.deepEqual([queue.running, queue.waiting], [2, 2]);
  assert.deepEqual(
    Array.from({ length: 6 }, () => enter("b")),
    [true, true, true, true, false, false],
  );
  assert.equal(enter("c"), false);
});

test("what was taken back never starts", () => {
  const queue = new FairQueue(wide);
  const first: Entry = { key: "a", start: () => {} };
  const second: Entry = { key: "a", start: () => assert.fail("started") };
  queue.enter(first);
  queue.enter(second);
  assert.equal(queue.remove(second), true);
  assert.equal(queue.remove(second), false);
  assert.equal(queue.remove(first), false);
  queue.leave(first);
  assert.deepEqual([queue.running, queue.waiting], [0, 0]);
});

test("property: limits hold, nobody is lost, started twice, or left waiting beside a free place", () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant("enter" as const), key: fc.constantFrom("a", "b", "c") }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("leave" as const), pick: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("remove" as const), pick: fc.nat() }) },
  );
  const limit = fc.integer({ min: 1, max: 4 });
  const limits = fc.record({ maxRunning: limit, maxRunningPerKey: limit, maxWaiting: limit, maxWaitingPerKey: limit });
  fc.assert(
    fc.property(limits, fc.array(step, { maxLength: 80 }), (bounds, steps) => {
      const queue = new FairQueue(bounds);
      const waiting: Entry[] = [];
      const running: Entry[] = [];
      const take = (from: Entry[], entry: Entry): void => void from.splice(from.indexOf(entry), 1);
      const count = (from: readonly Entry[], key: string): number => from.filter((entry) => entry.key === key).length;
      for (const action of steps) {
        if (action.do === "enter") {
          const entry: Entry = {
            key: action.key,
            start: () => {
              assert.ok(!running.includes(entry), "started twice");
              if (waiting.includes(entry)) take(waiting, entry);
              running.push(entry);
            },
          };
          const entered = queue.enter(entry);
          if (entered && !running.includes(entry)) waiting.push(entry);
        } else {
          const pool = action.do === "leave" ? running : waiting;
          const entry = pool[action.pick % Math.max(1, pool.length)];
          if (entry === undefined) continue;
          take(pool, entry);
          if (action.do === "leave") queue.leave(entry);
          else assert.ok(queue.remove(entry));
        }
        assert.equal(queue.running, running.length);
        assert.equal(queue.waiting, waiting.length);
        assert.ok(running.length <= bounds.maxRunning && waiting.length <= bounds.maxWaiting);
        for (const key of ["a", "b", "c"]) {
          assert.ok(count(running, key) <= bounds.maxRunningPerKey && count(waiting, key) <= bounds.maxWaitingPerKey);
          const free = running.length < bounds.maxRunning && count(running, key) < bounds.maxRunningPerKey;
          assert.ok(!free || count(waiting, key) === 0, `${key} waits beside a free place`);
        }
      }
    }),
  );
});
