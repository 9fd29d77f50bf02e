import { formatAmounts } from "@carrel/template";
import assert from "node:assert/strict";
import { test } from "node:test";
import { deskAmounts } from "./desk-amounts.ts";
import { aContext } from "./testing/a-context.ts";

const cpu = (amount: string | number): object => ({ limits: { cpu: amount, memory: "100Mi" } });

test("containers and sidecars run together; an init container runs with the sidecars before it", () => {
  const context = aContext(
    {
      workspace: {
        template: {
          spec: {
            initContainers: [
              { name: "first", image: "i", resources: cpu("1") },
              { name: "side", image: "i", restartPolicy: "Always", resources: cpu("500m") },
              { name: "big", image: "i", resources: cpu("4") },
            ],
            containers: [
              { name: "a", image: "i", resources: cpu(1) },
              { name: "b", image: "i", resources: cpu("$(parameters.cpus)") },
            ],
          },
        },
      },
      parameters: [{ name: "cpus", type: "int" }],
    },
    { known: { "parameters.cpus": "2" } },
  );
  const { limits, requests, largestContainer } = deskAmounts(context);
  assert.equal(formatAmounts(limits)["cpu"], "4500m");
  assert.equal(formatAmounts(limits)["memory"], "300Mi");
  // A limit without a request is the request.
  assert.equal(formatAmounts(requests)["cpu"], "4500m");
  assert.equal(formatAmounts(largestContainer)["cpu"], "4");
});

test("a container that says nothing gets the desk's own amounts", () => {
  const { limits, requests } = deskAmounts(aContext());
  assert.deepEqual(formatAmounts(limits), { cpu: "1", memory: "512Mi", "ephemeral-storage": "1Gi" });
  assert.deepEqual(formatAmounts(requests), { cpu: "50m", memory: "128Mi", "ephemeral-storage": "64Mi" });
});
