import assert from "node:assert/strict";
import { test } from "node:test";
import type { InstancePhase, RunStrategy, VirtualMachine, VirtualMachineInstance } from "./resources.ts";
import { planRun, printableStatus, type RunPlan } from "./run-plan.ts";

const SPEC = { domain: { devices: {} } };
const GOING = { deletionTimestamp: "2026-01-01T00:00:00Z" };

function machine(spec: { runStrategy?: RunStrategy; running?: boolean }, metadata: object = {}): VirtualMachine {
  return { metadata: { name: "m", ...metadata }, spec: { ...spec, template: { spec: SPEC } } };
}
function instance(phase?: InstancePhase, metadata: object = {}): VirtualMachineInstance {
  return { metadata: { name: "m", ...metadata }, spec: SPEC, ...(phase === undefined ? {} : { status: { phase } }) };
}

/** By strategy: without an instance, with one that runs, that succeeded, that failed. */
const PLANS: Readonly<Record<RunStrategy, readonly [RunPlan, RunPlan, RunPlan, RunPlan]>> = {
  Always: ["create", "keep", "delete", "delete"],
  RerunOnFailure: ["create", "keep", "keep", "delete"],
  Once: ["create", "keep", "keep", "keep"],
  Manual: ["keep", "keep", "keep", "keep"],
  Halted: ["keep", "delete", "delete", "delete"],
};

for (const [strategy, plans] of Object.entries(PLANS)) {
  test(`run strategy ${strategy}`, () => {
    const of = machine({ runStrategy: strategy as RunStrategy });
    const states = [undefined, instance("Running"), instance("Succeeded"), instance("Failed")];
    assert.deepEqual(
      states.map((state) => planRun(of, state)),
      plans,
    );
  });
}

test("running is the older way to say Always and Halted", () => {
  assert.equal(planRun(machine({ running: true }), undefined), "create");
  assert.equal(planRun(machine({ running: false }), instance("Running")), "delete");
  assert.equal(planRun(machine({}), undefined), "keep");
});

test("a machine that is deleted loses its instance, once", () => {
  const going = machine({ runStrategy: "Always" }, GOING);
  assert.equal(planRun(going, instance("Running")), "delete");
  assert.equal(planRun(going, instance("Running", GOING)), "keep");
  assert.equal(planRun(going, undefined), "keep");
  assert.equal(printableStatus(going, undefined), "Terminating");
});
