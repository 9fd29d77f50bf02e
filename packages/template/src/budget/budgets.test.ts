import assert from "node:assert/strict";
import { test } from "node:test";
import { BUDGET_SIZES, type BudgetChoice } from "@carrel/api";
import { formatAmounts } from "./amounts.ts";
import { budgetOf } from "./budgets.ts";

const hard = (budget: BudgetChoice, quota: Record<string, string> = {}): Record<string, string> =>
  formatAmounts(budgetOf({ budget, quota }).hard);

test("the named sizes are what the documentation says", () => {
  const keys = [
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "pods",
    "persistentvolumeclaims",
    "replicationcontrollers",
    "secrets",
    "services",
  ];
  const table = BUDGET_SIZES.map((size) => [size, ...keys.map((key) => hard(size)[key])]);
  assert.deepEqual(table, [
    ["small", "1", "1Gi", "5Gi", "20", "3", "10", "20", "5"],
    ["medium", "2", "2Gi", "10Gi", "30", "6", "15", "25", "10"],
    ["large", "4", "4Gi", "20Gi", "50", "12", "25", "35", "20"],
    ["x-large", "8", "8Gi", "40Gi", "70", "18", "35", "45", "30"],
    ["xx-large", "8", "12Gi", "60Gi", "90", "24", "45", "55", "40"],
    ["xxx-large", "8", "16Gi", "80Gi", "110", "30", "55", "65", "50"],
  ]);
  const volumes = BUDGET_SIZES.map((budget) => String(budgetOf({ budget, quota: {} }).volume));
  assert.deepEqual(volumes, ["1Gi", "5Gi", "10Gi", "20Gi", "20Gi", "20Gi"]);
  assert.equal(hard("medium")["requests.storage"], "30Gi");
  const defaults = BUDGET_SIZES.map((budget) => budgetOf({ budget, quota: {} }));
  assert.deepEqual(
    defaults.map(({ defaultCpu, defaultMemory }) => `${String(defaultCpu)}/${String(defaultMemory)}`).slice(0, 2),
    ["250m/256Mi", "500m/512Mi"],
  );
});

test("what follows from other columns follows", () => {
  const small = hard("small");
  assert.equal(small["configmaps"], small["secrets"]);
  assert.equal(small["count/ingresses.networking.k8s.io"], small["services"]);
  assert.equal(small["count/jobs.batch"], small["pods"]);
  assert.equal(small["count/cronjobs.batch"], small["pods"]);
  assert.equal(small["requests.memory"], small["limits.memory"]);
});

test("what costs outside of the namespace is nothing unless asked for", () => {
  for (const key of [
    "services.loadbalancers",
    "services.nodeports",
    "requests.nvidia.com/gpu",
    "count/virtualmachines.kubevirt.io",
    "count/virtualmachines.vmoperator.vmware.com",
  ]) {
    for (const size of [...BUDGET_SIZES, "custom", "unlimited"] as const) assert.equal(hard(size)[key], "0", key);
    assert.equal(hard("small", { [key]: "2" })[key], "2");
  }
});

test("custom is what quota says; requests are bounded like limits, and what it forgets like the largest size", () => {
  const custom = hard("custom", { "limits.cpu": "3", "limits.memory": "5Gi", "requests.memory": "1Gi", pods: "7" });
  assert.equal(custom["requests.cpu"], "3");
  assert.equal(custom["requests.memory"], "1Gi");
  assert.equal(custom["pods"], "7");
  assert.equal(custom["secrets"], "65");
});

test("unlimited bounds numbers of objects and nothing else", () => {
  const unlimited = hard("unlimited");
  assert.deepEqual(
    Object.keys(unlimited).filter((key) => /cpu|memory|storage/.test(key)),
    [],
  );
  assert.equal(unlimited["pods"], "110");
  assert.equal(unlimited["count/deployments.apps"], "110");
  assert.equal(budgetOf({ budget: "unlimited", quota: {} }).volume, undefined);
});

test("cpu and memory are the requests", () => {
  assert.equal(hard("small", { cpu: "500m" })["requests.cpu"], "500m");
  assert.equal(hard("small", { cpu: "500m" })["cpu"], undefined);
});
