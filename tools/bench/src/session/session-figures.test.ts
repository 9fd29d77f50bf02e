import assert from "node:assert/strict";
import { test } from "node:test";
import { medianMilestones, summarise, type Round } from "./session-figures.ts";

const round = (floorMs: number, coldMs: number, total: number, idleCalls?: number): Round => ({
  floorMs,
  coldMs,
  stages: total,
  calls: { total, byService: { reaper: { "delete workspaces": total } } },
  ...(idleCalls === undefined ? {} : { idleCalls }),
  floorMilestones: {},
  coldMilestones: {},
});

test("figures are medians; the life that is shown is a real one, the idle calls are the worst", () => {
  const rounds = [round(1000, 1200, 9), round(1010.04, 1300, 30, 0), round(990, 4000, 20, 2), round(1020, 1250, 10, 1)];
  assert.deepEqual(summarise(rounds, 3), {
    floorMs: 1000,
    coldMs: { p50: 1250, p99: 4000 },
    ratio: 1.225,
    apiCalls: { total: 20, byService: { reaper: { "delete workspaces": 20 } } },
    idleCalls: 2,
    stages: 10,
    left: 3,
    rounds: 4,
  });
});

test("no rounds, or none that idled, give no figures", () => {
  assert.throws(() => summarise([], 0), RangeError);
  assert.throws(() => summarise([round(1, 1, 1)], 0), RangeError);
});

test("milestones are medians of those who passed them, in the order of time", () => {
  assert.deepEqual(medianMilestones([{ b: 5, a: 9 }, { b: 7, a: 1 }, { b: 6 }]), [
    ["a", 1],
    ["b", 6],
  ]);
});
