import assert from "node:assert/strict";
import { test } from "node:test";
import { progressOf, type ObjectProgress, type ObjectStatus } from "./object-progress.ts";
import { planSteps, type Schedulable } from "./plan-steps.ts";

const object = (name: string, ...after: string[]): Schedulable => ({ name, after });
const names = (objects: readonly Schedulable[]): string[] => objects.map(({ name }) => name);
const at = (name: string, state: ObjectStatus["state"], more: Partial<ObjectProgress> & { uid?: string } = {}) => {
  const { uid, ...rest } = more;
  const status = {
    name,
    apiVersion: "v1",
    kind: "ConfigMap",
    object: name,
    state,
    ...(uid === undefined ? {} : { uid }),
  };
  return [name, { status, tries: 0, nextAtMs: 0, ...rest }] as const;
};

test("everything that waits for nothing goes at once; the rest when what it waits for is ready or left out", () => {
  const objects = [object("a"), object("b"), object("c", "a", "b"), object("d", "c")];
  const begin = planSteps(objects, new Map(), 0);
  assert.deepEqual([names(begin.create), begin.done], [["a", "b"], false]);
  const half = planSteps(objects, new Map([at("a", "Ready"), at("b", "Waiting", { uid: "u" })]), 0);
  assert.deepEqual([names(half.create), names(half.look)], [[], ["b"]]);
  const more = planSteps(objects, new Map([at("a", "Ready"), at("b", "Skipped")]), 0);
  assert.deepEqual(names(more.create), ["c"]);
  const all = planSteps(objects, new Map(["a", "b", "c", "d"].map((name) => at(name, "Ready"))), 0);
  assert.deepEqual([names(all.create), names(all.look), all.done], [[], [], true]);
});

test("what is not due is not done, and tells when it is", () => {
  const objects = [object("a"), object("b"), object("c")];
  const progress = new Map([
    at("a", "Waiting", { nextAtMs: 300 }),
    at("b", "Waiting", { uid: "u", nextAtMs: 200 }),
    at("c", "Ready"),
  ]);
  assert.deepEqual(planSteps(objects, progress, 100), { create: [], look: [], wakeAtMs: 200, done: false });
  const later = planSteps(objects, progress, 200);
  assert.deepEqual([names(later.create), names(later.look), later.wakeAtMs], [[], ["b"], undefined]);
});

test("after a failure nothing more is created", () => {
  const progress = new Map([at("a", "Failed")]);
  assert.deepEqual(planSteps([object("a"), object("b")], progress, 0), { create: [], look: [], done: false });
});

test("a process that remembers nothing goes by the status, but for what was not created or lacks outputs", () => {
  const status = (name: string, state: ObjectStatus["state"], uid?: string): ObjectStatus => ({
    name,
    apiVersion: "v1",
    kind: "ConfigMap",
    object: name,
    state,
    ...(uid === undefined ? {} : { uid }),
  });
  const objects = [
    status("a", "Ready", "1"),
    status("b", "Waiting"),
    status("c", "Waiting", "2"),
    status("d", "Ready", "3"),
  ];
  const planned = ["a", "b", "c", "d"].map((name) => ({ ...object(name), outputs: { port: "spec.port" } }));
  const progress = progressOf({ objects, outputs: { "a.port": "22" } }, planned);
  assert.deepEqual([...progress.keys()], ["a", "c", "d"]);
  const steps = planSteps(planned, progress, 0);
  assert.deepEqual([names(steps.create), names(steps.look)], [["b"], ["c", "d"]]);
});
