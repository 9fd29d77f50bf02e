import assert from "node:assert/strict";
import { test } from "node:test";
import type { SessionTemplateInput } from "@carrel/api";
import type { LimitRange } from "@carrel/kube";
import { hasCode } from "@carrel/std";
import { planLimitRange } from "./limit-range.ts";
import { aContext } from "./testing/a-context.ts";

type Entry = LimitRange["spec"]["limits"][number];

function limitsOf(spec: Partial<SessionTemplateInput>, index = 0): Readonly<Record<string, Entry | undefined>> {
  const context = aContext(spec);
  const namespace = context.namespaces[index];
  assert.ok(namespace);
  const { limits } = planLimitRange(context, namespace).spec;
  return Object.fromEntries(limits.map((entry) => [entry.type, entry]));
}

test("by default a container or pod may take the whole budget, and gets the size's defaults", () => {
  const { Container, Pod, PersistentVolumeClaim } = limitsOf({ budget: "medium" });
  assert.deepEqual(Container, {
    type: "Container",
    min: { cpu: "1m", memory: "1000000" },
    max: { cpu: "2", memory: "2Gi", "ephemeral-storage": "10Gi" },
    default: { cpu: "500m", memory: "512Mi", "ephemeral-storage": "256Mi" },
    defaultRequest: { cpu: "50m", memory: "128Mi", "ephemeral-storage": "64Mi" },
  });
  assert.deepEqual(Pod, { type: "Pod", max: { cpu: "2", memory: "2Gi", "ephemeral-storage": "10Gi" } });
  assert.deepEqual(PersistentVolumeClaim, {
    type: "PersistentVolumeClaim",
    min: { storage: "1Gi" },
    max: { storage: "5Gi" },
  });
});

test("the desk fits, however small the budget; other namespaces are not widened for it", () => {
  const container = { name: "a", image: "i", resources: { limits: { cpu: "3", memory: "2Gi" } } };
  const spec = {
    workspace: { template: { spec: { containers: [container, { ...container, name: "b" }] } } },
    namespaces: [{ name: "db" }],
  };
  assert.equal(limitsOf(spec)["Container"]?.max?.["cpu"], "3");
  assert.equal(limitsOf(spec)["Pod"]?.max?.["cpu"], "6");
  assert.equal(limitsOf(spec, 1)["Pod"]?.max?.["cpu"], "1");
});

test("what the template says comes first; built-in values give way", () => {
  const { Container, Pod, PersistentVolumeClaim } = limitsOf(
    {
      namespaces: [
        {
          name: "db",
          limits: {
            container: { max: { cpu: "100m" }, min: { memory: "64Mi" }, defaultRequest: { memory: "200Mi" } },
            pod: { min: { cpu: "10m" }, max: { memory: "3Gi" } },
            persistentVolumeClaim: { max: { storage: "100Mi" } },
          },
        },
      ],
    },
    1,
  );
  assert.equal(Container?.max?.["cpu"], "100m");
  assert.equal(Container?.default?.["cpu"], "100m");
  assert.equal(Container?.defaultRequest?.["cpu"], "50m");
  assert.equal(Container?.defaultRequest?.["memory"], "200Mi");
  assert.equal(Container?.min?.["memory"], "64Mi");
  assert.deepEqual([Pod?.min, Pod?.max?.["memory"]], [{ cpu: "10m" }, "3Gi"]);
  assert.deepEqual(
    [PersistentVolumeClaim?.min, PersistentVolumeClaim?.max],
    [{ storage: "100Mi" }, { storage: "100Mi" }],
  );
});

test("a default never exceeds the namespace's part: such a container could not start", () => {
  const { Container } = limitsOf({ budget: "medium", namespaces: [{ name: "db", share: 10 }] }, 1);
  assert.equal(Container?.default?.["cpu"], "200m");
  assert.equal(Container?.default?.["memory"], "204Mi");
});

test("an amount that is none is the author's mistake", () => {
  const containers = [{ name: "a", image: "i", resources: { limits: { cpu: "two" } } }];
  assert.throws(
    () => limitsOf({ workspace: { template: { spec: { containers } } } }),
    (error: Error) => hasCode(error, "INVALID") && error.message.includes("two"),
  );
});
