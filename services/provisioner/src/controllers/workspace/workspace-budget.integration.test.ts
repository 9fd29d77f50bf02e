import assert from "node:assert/strict";
import { test } from "node:test";
import { Quantity } from "@carrel/api";
import {
  isQuotaExceeded,
  LIMIT_RANGES,
  NAMESPACES,
  PODS,
  resource,
  RESOURCE_QUOTAS,
  SERVICES,
  type KubeObject,
  type Pod,
} from "@carrel/kube";
import { addAmounts, budgetOf, parseAmounts, type Amounts } from "@carrel/template";
import { eventually, faults } from "@carrel/testkit";
import { workspaceBench, type WorkspaceBench } from "./testing/workspace-bench.ts";

interface Claim extends KubeObject {
  readonly spec: object;
}
const CLAIMS = resource<Claim>("v1", "PersistentVolumeClaim", "persistentvolumeclaims");

/** A workspace of three namespaces that is Ready, by the names of its namespaces. */
async function threeNamespaces(bench: WorkspaceBench): Promise<readonly [string, string, string]> {
  await bench.start();
  const namespaces = [{ name: "db", share: 30 }, { name: "lab" }];
  const { metadata } = await bench.workspace({ budget: "medium", namespaces });
  await bench.reportReady(metadata.name);
  const { status } = await bench.seen(metadata.name, (seen) => assert.equal(seen.status?.phase, "Ready"));
  const names = [metadata.name, `${metadata.name}-db`, `${metadata.name}-lab`] as const;
  const uids = await Promise.all(names.map(async (name) => (await bench.client.get(NAMESPACES, name)).metadata.uid));
  assert.deepEqual(
    status?.namespaces,
    names.map((name, index) => ({ name, uid: uids[index] })),
  );
  return names;
}

const pod = (name: string, cpu: string): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: "a",
        image: "i",
        resources: { limits: { cpu, memory: "16Mi" } },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
      },
    ],
  },
});

/** How many of the creates were let in; every other must have been refused for the quota. */
async function admitted(creates: readonly Promise<unknown>[]): Promise<number> {
  const results = await Promise.allSettled(creates);
  for (const result of results) {
    if (result.status === "rejected") assert.ok(isQuotaExceeded(result.reason), String(result.reason));
  }
  return results.filter(({ status }) => status === "fulfilled").length;
}

test("the quotas of all namespaces are one budget, and all of them count", async (t) => {
  const bench = await workspaceBench(t);
  const names = await threeNamespaces(bench);
  const quotas = (
    await Promise.all(names.map(async (namespace) => (await bench.client.list(RESOURCE_QUOTAS, { namespace })).items))
  ).flat();
  const sum = quotas
    .filter(({ metadata }) => metadata.name !== "desk")
    .map(({ status }) => parseAmounts(status?.hard))
    .reduce<Amounts>(addAmounts, {});
  const { hard } = budgetOf({ budget: "medium", quota: {} });
  // What Kubernetes and Carrel put there themselves has room of its own: of each namespace its certificates, account
  // and binding, of the primary one also the learner's account, the desk and what it writes to its disk.
  const room: Readonly<Record<string, string>> = {
    configmaps: "3",
    "count/serviceaccounts": "4",
    "count/rolebindings.rbac.authorization.k8s.io": "3",
    "count/pods": "1",
    "limits.ephemeral-storage": "1Gi",
    "requests.ephemeral-storage": "64Mi",
  };
  for (const [key, amount] of Object.entries(hard)) {
    const expected = amount.plus(Quantity.parse(room[key] ?? "0"));
    assert.equal(String(sum[key]), String(expected), key);
  }
  assert.deepEqual(Object.keys(sum).sort(), Object.keys(hard).sort());
});

test("a hundred creates at once over three namespaces do not pass the budget together", async (t) => {
  const bench = await workspaceBench(t);
  const names = await threeNamespaces(bench);
  const service = (index: number): KubeObject & { readonly spec: object } => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: `s${index}` },
    spec: { ports: [{ port: 80 }] },
  });
  const services = await admitted(
    Array.from({ length: 99 }, (_, index) =>
      bench.client.create<KubeObject>(SERVICES, service(index), {
        namespace: names[index % 3] ?? "",
        timeoutMs: 30_000,
      }),
    ),
  );
  assert.equal(services, 10);
  // Two cores over namespaces of 700, 600 and 700 thousandths: pods of 100 fill each of them.
  const pods = await admitted(
    Array.from({ length: 60 }, (_, index) =>
      bench.client.create(PODS, pod(`p${index}`, "100m"), { namespace: names[index % 3] ?? "", timeoutMs: 30_000 }),
    ),
  );
  assert.equal(pods, 20);
});

test("each key refuses the first beyond it; what costs outside is refused at once", async (t) => {
  const bench = await workspaceBench(t);
  const [primary, db] = await threeNamespaces(bench);
  const refused = (call: Promise<unknown>): Promise<void> =>
    assert.rejects(call, (error: Error) => isQuotaExceeded(error));
  const balanced = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "lb" },
    spec: { type: "LoadBalancer", ports: [{ port: 80 }] },
  };
  await refused(bench.client.create<KubeObject>(SERVICES, balanced, { namespace: primary }));
  const claim = (storage: string): Claim => ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "c" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } },
  });
  // The largest volume of the size, over which the LimitRange has the say.
  await assert.rejects(bench.client.create(CLAIMS, claim("6Gi"), { namespace: db }), /maximum storage usage/);
  await bench.client.create(CLAIMS, claim("5Gi"), { namespace: db });
  const gpu = pod("gpu", "100m");
  const [container] = gpu.spec.containers;
  assert.ok(container);
  const limits = { cpu: "1m", memory: "4Mi", "nvidia.com/gpu": "1" };
  const wanting = { ...gpu, spec: { ...gpu.spec, containers: [{ ...container, resources: { limits } }] } };
  await refused(bench.client.create(PODS, wanting, { namespace: primary }));
});

test("without the webhook too, a pod that claims the desk's priority gets nothing beyond the budget", async (t) => {
  const bench = await workspaceBench(t);
  const [primary, db] = await threeNamespaces(bench);
  const imposter = (name: string): Pod => {
    const plain = pod(name, "500m");
    return { ...plain, spec: { ...plain.spec, priorityClassName: "carrel-desk" } };
  };
  await assert.rejects(bench.client.create(PODS, imposter("one"), { namespace: primary }), isQuotaExceeded);
  await bench.client.create(PODS, imposter("one"), { namespace: db });
  await assert.rejects(bench.client.create(PODS, imposter("two"), { namespace: db }), isQuotaExceeded);
});

test("limits of the template are a LimitRange that the API server accepts and the desk fits", async (t) => {
  const bench = await workspaceBench(t);
  await bench.start();
  const containers = [
    { name: "desk", image: "i", resources: { limits: { cpu: "3", memory: "3Gi", "ephemeral-storage": "7Gi" } } },
  ];
  const { metadata } = await bench.workspace({
    workspace: { template: { spec: { containers } } },
    limits: { pod: { min: { cpu: "1m" } }, container: { defaultRequest: { cpu: "10m" } } },
    namespaces: [
      {
        name: "tiny",
        limits: {
          container: { max: { cpu: "50m", memory: "32Mi" } },
          persistentVolumeClaim: { max: { storage: "10Mi" } },
        },
      },
    ],
  });
  await bench.reportReady(metadata.name);
  await eventually(async () => {
    const { items } = await bench.client.list(LIMIT_RANGES, { namespace: `${metadata.name}-tiny` });
    assert.deepEqual(items[0]?.spec.limits.find(({ type }) => type === "Container")?.default, {
      cpu: "50m",
      "ephemeral-storage": "256Mi",
      memory: "32Mi",
    });
  });
  await bench.seen(metadata.name, ({ status }) => assert.equal(status?.phase, "Ready"));
});

test("the desk is charged from the start: nobody can take its place or its room", async (t) => {
  const bench = await workspaceBench(t);
  await bench.start();
  const workspaces = await Promise.all(Array.from({ length: 25 }, () => bench.workspace()));
  await Promise.all(
    workspaces.map(async ({ metadata: { name } }) => {
      await bench.reportReady(name);
      await bench.seen(name, ({ status }) => assert.equal(status?.phase, "Ready"));
    }),
  );
  const charged = await Promise.all(
    workspaces.map(async ({ metadata: { name } }) => {
      const [desk, objects] = await Promise.all(
        ["desk", "objects"].map((quota) => bench.client.get(RESOURCE_QUOTAS, quota, { namespace: name })),
      );
      return [desk?.status?.used?.["pods"], objects?.status?.used?.["limits.ephemeral-storage"]];
    }),
  );
  assert.deepEqual(
    charged.filter(([pods, storage]) => pods !== "1" || storage !== "1Gi"),
    [],
  );
});

test("a charge that a cut-off create left behind does not keep the desk away", async (t) => {
  const bench = await workspaceBench(t);
  const held = bench.proxy.inject({ method: "POST", path: /\/pods$/ }, faults.reset());
  await bench.start();
  const { metadata } = await bench.workspace();
  await eventually(() => assert.ok(held.hits > 0), { timeoutMs: 20_000 });
  await bench.client.mergePatch(
    RESOURCE_QUOTAS,
    "desk",
    { status: { used: { pods: "1" } } },
    { namespace: metadata.name, subresource: "status" },
  );
  held.remove();
  await bench.reportReady(metadata.name);
  await bench.seen(metadata.name, ({ status }) => assert.equal(status?.phase, "Ready"));
  const { spec, status } = await bench.client.get(RESOURCE_QUOTAS, "desk", { namespace: metadata.name });
  assert.deepEqual([spec?.hard, status?.used], [{ pods: "1" }, { pods: "1" }]);
});
