import assert from "node:assert/strict";
import { test } from "node:test";
import type { ResourceQuota } from "@carrel/kube";
import { quotasObserved } from "./quotas-observed.ts";

const hard = { pods: "1", "count/deployments.apps": "2", "count/virtualmachines.kubevirt.io": "0" };
const planned: ResourceQuota[] = [{ metadata: { name: "q", namespace: "n" }, spec: { hard } }];
const observed = (status: ResourceQuota["status"]): boolean =>
  quotasObserved(planned, (name, namespace) => {
    assert.deepEqual([name, namespace], ["q", "n"]);
    return { metadata: { name, namespace: "n" }, spec: { hard }, ...(status === undefined ? {} : { status }) };
  });

test("a quota counts once its status has every limit and what is used of it", () => {
  assert.equal(observed(undefined), false);
  assert.equal(observed({ hard }), false);
  assert.equal(observed({ hard, used: { pods: "0" } }), false);
  assert.equal(observed({ hard, used: { pods: "0", "count/deployments.apps": "0" } }), true);
});

test("a kind that is not installed is never counted, yet its limit must be there", () => {
  const used = { pods: "0", "count/deployments.apps": "0" };
  const { pods, "count/deployments.apps": deployments } = hard;
  assert.equal(observed({ hard: { pods, "count/deployments.apps": deployments }, used }), false);
});

test("a quota that the cache does not show is not observed", () => {
  assert.equal(
    quotasObserved(planned, () => undefined),
    false,
  );
});
