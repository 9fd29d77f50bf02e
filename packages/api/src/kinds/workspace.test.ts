import assert from "node:assert/strict";
import { test } from "node:test";
import type { SessionTemplateSpec } from "./session-template.ts";
import { templateOf } from "./workspace.ts";

test("the stored template keeps the fields of pods, rules and manifests that no schema names", () => {
  const stored = {
    workspace: {
      template: {
        metadata: { labels: { a: "b" } },
        spec: {
          hostname: "desk",
          containers: [{ name: "desk", image: "i", env: [{ name: "A", value: "b" }], ports: [{ containerPort: 1 }] }],
        },
      },
    },
    network: { egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }] },
    objects: [
      {
        name: "config",
        template: {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: "c", labels: { a: "b" } },
          data: { x: "y" },
        },
      },
    ],
    endpoints: [{ name: "main", port: 8080 }],
  };
  const template = { name: "t", uid: "u", generation: 1, spec: stored as unknown as SessionTemplateSpec };
  const read = templateOf({ template, variables: {} });
  assert.deepEqual(read.workspace, stored.workspace);
  assert.deepEqual(read.network, stored.network);
  assert.deepEqual(read.objects[0]?.template, stored.objects[0]?.template);
  assert.equal(read.budget, "small");
});
