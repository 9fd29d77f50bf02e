import assert from "node:assert/strict";
import { test } from "node:test";
import type { Deployment, Service } from "@carrel/kube";
import { replicasToRestore } from "./replace-deployment.ts";
import { selectorToRestore } from "./reroute-service.ts";

const deployment = (replicas: number | undefined, remembered?: string): Deployment => ({
  metadata: {
    name: "carrel-proxy",
    ...(remembered === undefined ? {} : { annotations: { "carrel.dev/dev-replicas": remembered } }),
  },
  spec: {
    ...(replicas === undefined ? {} : { replicas }),
    selector: {},
    template: { spec: { containers: [] } },
  },
});

test("what runs is put back, whatever an earlier run remembered", () => {
  assert.equal(replicasToRestore(deployment(2)), 2);
  assert.equal(replicasToRestore(deployment(2, "3")), 2);
  assert.equal(replicasToRestore(deployment(undefined)), 1);
});

test("after a crash what was remembered is put back, and one replica when nothing sensible was", () => {
  assert.equal(replicasToRestore(deployment(0, "3")), 3);
  for (const nonsense of [undefined, "", "0", "-1", "many"])
    assert.equal(replicasToRestore(deployment(0, nonsense)), 1, nonsense);
});

const service = (selector: Record<string, string> | undefined, remembered?: string): Service => ({
  metadata: {
    name: "carrel-proxy",
    ...(remembered === undefined ? {} : { annotations: { "carrel.dev/dev-selector": remembered } }),
  },
  spec: selector === undefined ? {} : { selector },
});

test("a Service leads back to where it leads, or to where it led before a crash", () => {
  assert.deepEqual(selectorToRestore(service({ app: "now" }, '{"app":"then"}')), { app: "now" });
  assert.deepEqual(selectorToRestore(service(undefined, '{"app":"then"}')), { app: "then" });
  assert.deepEqual(selectorToRestore(service({}, '{"app":"then"}')), { app: "then" });
  assert.equal(selectorToRestore(service(undefined)), undefined);
});
