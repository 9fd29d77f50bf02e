import assert from "node:assert/strict";
import { test } from "node:test";
import { faults } from "./fault.ts";
import { FaultPlan, type RequestFacts } from "./fault-plan.ts";
import { seededRandom } from "./seeded-random.ts";

const get: RequestFacts = { method: "GET", path: "/api/v1/pods", watch: false, userAgent: "carrel-proxy/1" };

test("a rule meets what it names, and nothing else", () => {
  const plan = new FaultPlan(seededRandom(1));
  plan.add({ method: "GET", path: /^\/api\/v1\/pods$/g, watch: false, userAgent: /proxy/ }, [faults.reset()]);
  const kinds = (facts: Partial<RequestFacts>): string[] => plan.select({ ...get, ...facts }).map(({ kind }) => kind);
  assert.deepEqual(kinds({}), ["reset"]);
  // A global regular expression remembers where it stopped: the second time must match as well.
  assert.deepEqual(kinds({}), ["reset"]);
  for (const other of [{ method: "POST" }, { path: "/api/v1/podsx" }, { watch: true }, { userAgent: "kubectl" }]) {
    assert.deepEqual(kinds(other), [], JSON.stringify(other));
  }
});

test("after and times count matching requests", () => {
  const plan = new FaultPlan(seededRandom(1));
  const rule = plan.add({ method: "GET", after: 2, times: 3 }, [faults.internalError()]);
  const met = Array.from({ length: 8 }, () => plan.select(get).length);
  assert.deepEqual(met, [0, 0, 1, 1, 1, 0, 0, 0]);
  plan.select({ ...get, method: "PUT" });
  assert.deepEqual([rule.matches, rule.hits], [8, 3]);
  rule.remove();
  plan.select(get);
  assert.equal(rule.matches, 8);
});

test("rules add up, and clear ends all", () => {
  const plan = new FaultPlan(seededRandom(1));
  plan.add({}, [faults.delay(5), faults.cut(1)]);
  plan.add({ path: /pods/ }, [faults.dropBookmarks()]);
  assert.deepEqual(
    plan.select(get).map(({ kind }) => kind),
    ["delay", "cut", "drop-bookmarks"],
  );
  plan.clear();
  assert.deepEqual(plan.select(get), []);
});

test("probability: the same seed chooses the same requests, another one others", () => {
  const choices = (seed: number): string => {
    const plan = new FaultPlan(seededRandom(seed));
    plan.add({ probability: 0.3 }, [faults.reset()]);
    return Array.from({ length: 1000 }, () => plan.select(get).length).join("");
  };
  assert.equal(choices(7), choices(7));
  assert.notEqual(choices(7), choices(8));
  const met = choices(7).replaceAll("0", "").length;
  assert.ok(met > 240 && met < 360, `${met} of 1000`);
});
