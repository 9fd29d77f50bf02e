import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type QueueEntry, WeightedFairQueue } from "./weighted-fair-queue.ts";

const open = (): boolean => true;

function filled(flows: Readonly<Record<string, number>>, weights: Readonly<Record<string, number>> = {}) {
  const queue = new WeightedFairQueue((flow) => weights[flow] ?? 1);
  for (const [flow, count] of Object.entries(flows))
    for (let i = 0; i < count; i++) queue.push({ name: `${flow}${i}`, flow, lane: "l" });
  return queue;
}

function takeAll(queue: WeightedFairQueue<QueueEntry>): string[] {
  const names: string[] = [];
  for (let next = queue.take(open); next !== undefined; next = queue.take(open)) names.push(next.name);
  return names;
}

test("flows take turns; within a flow it is first come, first served", () => {
  assert.deepEqual(takeAll(filled({ a: 4, b: 2 })), ["a0", "b0", "a1", "b1", "a2", "a3"]);
});

test("a flow of weight three is served three times as often", () => {
  const order = takeAll(filled({ heavy: 30, light: 30 }, { heavy: 3 }));
  assert.equal(order.slice(0, 20).filter((name) => name.startsWith("heavy")).length, 15);
});

test("who comes late neither waits behind what others have queued nor makes up for the time before", () => {
  const queue = filled({ busy: 100 });
  for (let i = 0; i < 50; i++) queue.take(open);
  for (let i = 0; i < 3; i++) queue.push({ name: `late${i}`, flow: "late", lane: "l" });
  const next = takeAll(queue).slice(0, 6);
  assert.equal(next.filter((name) => name.startsWith("late")).length, 3, next.join());
});

test("entries that were taken back cost their flow nothing", () => {
  const queue = filled({ a: 100, b: 2 });
  for (let i = 0; i < 99; i++) assert.equal(queue.remove(`a${i}`), true);
  assert.equal(queue.remove("a0"), false);
  assert.deepEqual(takeAll(queue), ["a99", "b0", "b1"]);
});

test("a shut lane holds up neither its flow's other lanes nor other flows, and saves no turns up", () => {
  const queue = new WeightedFairQueue(() => 1);
  for (const lane of ["shut", "open"])
    for (let i = 0; i < 3; i++) queue.push({ name: `a-${lane}${i}`, flow: "a", lane });
  for (let i = 0; i < 10; i++) queue.push({ name: `b${i}`, flow: "b", lane: "open" });
  for (let i = 0; i < 8; i++) queue.push({ name: `c${i}`, flow: "c", lane: "shut" });
  const first = Array.from({ length: 8 }, () => queue.take((lane) => lane === "open")?.name);
  assert.deepEqual(first, ["a-open0", "b0", "a-open1", "b1", "a-open2", "b2", "b3", "b4"]);
  const then = Array.from({ length: 4 }, () => queue.take(open)?.name ?? "");
  assert.ok(then.filter((name) => name.startsWith("c")).length <= 2, then.join());
});

test("what is given back is the next of its flow", () => {
  const queue = filled({ a: 3 });
  const first = queue.take(open);
  assert.ok(first);
  queue.giveBack(first);
  assert.deepEqual(takeAll(queue), ["a0", "a1", "a2"]);
});

const flow = fc.constantFrom("a", "b", "c", "d");
const lane = fc.constantFrom("x", "y");
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("push" as const), flow, lane }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("take" as const), shut: fc.option(lane) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("giveBack" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("remove" as const), pick: fc.nat() }) },
);

test("property: nobody is lost or served twice, and `order` foretells what `take` does", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const queue = new WeightedFairQueue((name) => (name === "a" ? 3 : 1));
      const waiting = new Map<string, QueueEntry>();
      let taken: QueueEntry | undefined;
      let count = 0;
      for (const action of steps) {
        if (action.do === "push") {
          const entry = { name: `n${count++}`, flow: action.flow, lane: action.lane };
          queue.push(entry);
          waiting.set(entry.name, entry);
        } else if (action.do === "take") {
          const expected = [...waiting.values()].some((entry) => entry.lane !== action.shut);
          taken = queue.take((name) => name !== action.shut);
          assert.equal(taken !== undefined, expected, "somebody waits in an open lane");
          if (taken !== undefined) assert.ok(waiting.delete(taken.name), "served twice");
        } else if (action.do === "giveBack" && taken !== undefined) {
          queue.giveBack(taken);
          waiting.set(taken.name, taken);
          taken = undefined;
        } else if (action.do === "remove") {
          const name = [...waiting.keys()][action.pick % Math.max(1, waiting.size)] ?? "";
          assert.equal(queue.remove(name), waiting.delete(name));
        }
        assert.equal(queue.size, waiting.size);
        for (const name of ["a", "b", "c", "d"])
          assert.equal(queue.sizeOf(name), [...waiting.values()].filter((entry) => entry.flow === name).length);
      }
      const foretold = queue.order().map(({ name }) => name);
      assert.deepEqual(takeAll(queue), foretold);
      assert.deepEqual([...foretold].sort(), [...waiting.keys()].sort());
    }),
  );
});

test("property: flows that always wait are served by their weights, within one turn of each", () => {
  const weights = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(weights, fc.integer({ min: 1, max: 200 }), (shares, turns) => {
      const queue = new WeightedFairQueue((name) => shares[Number(name)] ?? 1);
      const served = shares.map(() => 0);
      shares.forEach((_, index) => {
        for (let i = 0; i < turns; i++) queue.push({ name: `${index}/${i}`, flow: String(index), lane: "l" });
      });
      for (let i = 0; i < turns; i++) {
        const index = Number(queue.take(open)?.flow);
        served[index] = (served[index] ?? 0) + 1;
      }
      const work = shares.map((share, index) => (served[index] ?? 0) / share);
      for (const [i, share] of shares.entries())
        for (const [j, other] of shares.entries())
          assert.ok(Math.abs((work[i] ?? 0) - (work[j] ?? 0)) <= 1 / share + 1 / other + 1e-9, `${served.join()}`);
    }),
  );
});
