import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { planPool, type PoolInput, type SpareView } from "./plan-pool.ts";

const HOUR = 3_600_000;
let counted = 0;
const spare = (given: Partial<SpareView> = {}): SpareView => ({
  name: `w${counted++}`,
  lane: "t/2",
  ready: true,
  createdMs: 0,
  ...given,
});
const many = (count: number, given: Partial<SpareView> = {}): SpareView[] =>
  Array.from({ length: count }, () => spare(given));
const plan = (given: Partial<PoolInput>) =>
  planPool({ lane: "t/2", wanted: 4, maxAgeMs: 12 * HOUR, spares: [], nowMs: HOUR, ...given });

test("makes what is missing, counting those on their way", () => {
  assert.equal(plan({}).create, 4);
  assert.equal(plan({ spares: [...many(1), ...many(2, { ready: false })] }).create, 1);
  assert.equal(plan({ spares: many(4) }).create, 0);
});

test("scales to zero, and lets those on their way go first", () => {
  assert.equal(plan({ wanted: 0, spares: many(3) }).retire.length, 3);
  const starting = many(2, { ready: false });
  const { retire } = plan({ wanted: 3, spares: [...many(3), ...starting] });
  assert.deepEqual(retire.toSorted(), starting.map(({ name }) => name).toSorted());
});

test("a changed template: one more than wanted at once, old ones go as new ones get ready", () => {
  const old = many(4, { lane: "t/1" });
  const first = plan({ spares: old });
  assert.deepEqual([first.create, first.retire], [1, []]);
  assert.deepEqual(plan({ spares: [...old, ...many(1, { ready: false })] }).create, 0);
  const next = plan({ spares: [...old, ...many(1)] });
  assert.deepEqual([next.create, next.retire.length], [1, 1], "the next is made in the place of the one that goes");
});

test("old ones that are not ready serve nobody and go at once", () => {
  const { create, retire } = plan({ spares: many(3, { lane: "t/1", ready: false }) });
  assert.deepEqual([create, retire.length], [4, 3]);
});

test("one that is too old is replaced before it goes, and looked at when it becomes so", () => {
  const spares = many(4);
  assert.deepEqual(plan({ spares }), { create: 0, retire: [], failed: [], lookAfterMs: 11 * HOUR });
  const later = plan({ spares, nowMs: 12 * HOUR });
  assert.deepEqual([later.create, later.retire], [1, []]);
});

test("failed ones are told, and count as nothing", () => {
  const failed = many(1, { ready: false, failure: "ObjectRefused" });
  const { create, failed: told } = plan({ spares: [...failed, ...many(3)] });
  assert.deepEqual([create, told], [1, failed]);
});

test("after failures one is tried at a time, when it is time", () => {
  assert.equal(plan({ trial: { atMs: HOUR + 1 } }).create, 0);
  assert.equal(plan({ trial: { atMs: HOUR + 1 } }).lookAfterMs, 1);
  assert.equal(plan({ trial: { atMs: HOUR } }).create, 1);
  assert.equal(plan({ trial: { atMs: HOUR }, spares: many(1, { ready: false }) }).create, 0);
});

test("property: whatever it meets, a pool comes to rest with as many as wanted, and never fewer ready than it had of those", () => {
  const view = fc.record({ lane: fc.constantFrom("t/1", "t/2"), ready: fc.boolean(), createdMs: fc.nat(20 * HOUR) });
  fc.assert(
    fc.property(fc.nat(12), fc.array(view, { maxLength: 20 }), (wanted, given) => {
      let spares = given.map((one) => spare(one));
      const readyOf = (): number => spares.filter(({ ready }) => ready).length;
      const least = Math.min(wanted, readyOf());
      for (let round = 0; round < 100; round++) {
        const { create, retire } = plan({ wanted, spares, nowMs: 20 * HOUR });
        const made = many(create, { ready: false, createdMs: 20 * HOUR });
        assert.ok(new Set(retire).size === retire.length);
        spares = [...spares.filter(({ name }) => !retire.includes(name)), ...made];
        assert.ok(readyOf() >= least, "fewer ready than wanted");
        if (create === 0 && retire.length === 0 && spares.every(({ ready }) => ready)) break;
        const slow = spares.find(({ ready }) => !ready);
        spares = spares.map((one) => (one === slow ? { ...one, ready: true } : one));
      }
      assert.equal(spares.length, wanted);
      assert.ok(spares.every(({ lane, createdMs }) => lane === "t/2" && createdMs > 8 * HOUR));
    }),
  );
});
