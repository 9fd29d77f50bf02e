import assert from "node:assert/strict";
import { test } from "node:test";
import type { ResourceQuota } from "@carrel/kube";
import { launcherResources } from "./launcher-resources.ts";
import type { InstanceSpec } from "./resources.ts";

const spec = (cores: number, guest: string): InstanceSpec => ({
  domain: { cpu: { cores }, memory: { guest }, devices: {} },
});
const quota = (hard: Record<string, string>): ResourceQuota => ({ metadata: { name: "q" }, spec: { hard } });

test("without a quota of limits there are none", () => {
  const { requests, limits } = launcherResources(spec(1, "1Gi"), [quota({ "requests.memory": "8Gi", pods: "3" })]);
  assert.deepEqual([requests, limits], [{ cpu: "100m", memory: "1254Mi" }, undefined]);
});

test("two virtual CPUs and 2Gi need two CPUs and more than 4Gi where a quota bounds limits", () => {
  const { requests, limits } = launcherResources(spec(2, "2Gi"), [
    quota({ "limits.cpu": "8" }),
    quota({ "limits.memory": "8Gi" }),
  ]);
  assert.deepEqual(requests, { cpu: "200m", memory: "2288Mi" });
  assert.deepEqual(limits, { cpu: "2", memory: "4576Mi" });
});

test("only what a quota bounds gets a limit", () => {
  assert.deepEqual(launcherResources(spec(4, "128Mi"), [quota({ "limits.cpu": "8" })]).limits, { cpu: "4" });
});
