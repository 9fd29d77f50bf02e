import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { hasCode } from "@carrel/std";
import { createServiceAccountToken, eventually, startFaultProxy, type FaultProxy } from "@carrel/testkit";
import { loadKubeconfig } from "../transport/load-kubeconfig.ts";
import { createKubeClient } from "./create-kube-client.ts";
import { type KubeObject, resource } from "./resource.ts";
import { ResourceMapper, type ResourceMapperOptions } from "./resource-mapper.ts";
import { testClient } from "./testing/test-client.ts";

interface Definition extends KubeObject {
  readonly spec: object;
}
const DEFINITIONS = resource<Definition>(
  "apiextensions.k8s.io/v1",
  "CustomResourceDefinition",
  "customresourcedefinitions",
  false,
);
const API_SERVICES = resource<Definition>("apiregistration.k8s.io/v1", "APIService", "apiservices", false);

const aDefinition = (group: string, scope: "Namespaced" | "Cluster"): Definition => ({
  metadata: { name: `tides.${group}` },
  spec: {
    group,
    scope,
    names: { plural: "tides", singular: "tide", kind: "Tide" },
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
  },
});

/** A mapper whose calls are counted. */
async function aMapper(
  t: TestContext,
  options: Omit<ResourceMapperOptions, "client"> = {},
): Promise<{ mapper: ResourceMapper; proxy: FaultProxy; client: Awaited<ReturnType<typeof testClient>>["client"] }> {
  const { client, controlPlane } = await testClient(t);
  const { token } = await createServiceAccountToken(controlPlane);
  const proxy = await startFaultProxy({ target: controlPlane.server, caPem: controlPlane.caPem, token, test: t });
  t.after(() => proxy[Symbol.asyncDispose]());
  const counted = createKubeClient(await loadKubeconfig({ path: proxy.kubeconfigPath }), { userAgent: "test" });
  t.after(() => counted[Symbol.asyncDispose]());
  return { mapper: new ResourceMapper({ client: counted, ...options }), proxy, client };
}

test("kinds to resources: one call per group version, shared by all who ask at once", async (t) => {
  const { mapper, proxy } = await aMapper(t);
  const asked = await Promise.all(
    Array.from({ length: 20 }, () => [
      mapper.resourceOf("v1", "ConfigMap"),
      mapper.resourceOf("apps/v1", "Deployment"),
      mapper.resourceOf("rbac.authorization.k8s.io/v1", "ClusterRole"),
    ]).flat(),
  );
  assert.deepEqual(asked[0], resource("v1", "ConfigMap", "configmaps"));
  assert.deepEqual(asked[1], resource("apps/v1", "Deployment", "deployments"));
  assert.deepEqual(asked[2], resource("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", false));
  await mapper.resourceOf("v1", "Secret");
  assert.equal(proxy.count(), 3);
});

test("a kind whose CRD comes later is found then, and one that is replaced is found anew", async (t) => {
  const { mapper, proxy, client } = await aMapper(t, { missingAgeMs: 50 });
  const group = "later.example.com";
  const missing = (error: unknown): boolean => hasCode(error, "KIND_UNKNOWN") && error.retryable;
  await assert.rejects(mapper.resourceOf(`${group}/v1`, "Tide"), missing);
  await client.create(DEFINITIONS, aDefinition(group, "Namespaced"));
  const found = await eventually(() => mapper.resourceOf(`${group}/v1`, "Tide"), { timeoutMs: 20_000 });
  assert.deepEqual(found, resource(`${group}/v1`, "Tide", "tides"));
  const calls = proxy.count();
  assert.equal(await mapper.resourceOf(`${group}/v1`, "Tide"), found);
  assert.equal(proxy.count(), calls);
  await assert.rejects(mapper.resourceOf(`${group}/v1`, "Ebb"), missing);

  await client.delete(DEFINITIONS, `tides.${group}`);
  await eventually(() => client.create(DEFINITIONS, aDefinition(group, "Cluster")), { timeoutMs: 20_000 });
  await eventually(
    async () => {
      mapper.forget(`${group}/v1`);
      assert.equal((await mapper.resourceOf(`${group}/v1`, "Tide")).namespaced, false);
    },
    { timeoutMs: 20_000 },
  );
  await client.delete(DEFINITIONS, `tides.${group}`);
});

test("an aggregated API that is down concerns only those who use it", async (t) => {
  const { mapper, client } = await aMapper(t);
  const name = "v1.dead.example.com";
  await client.create(API_SERVICES, {
    metadata: { name },
    spec: {
      group: "dead.example.com",
      version: "v1",
      groupPriorityMinimum: 100,
      versionPriority: 100,
      insecureSkipTLSVerify: true,
      service: { namespace: "default", name: "nobody" },
    },
  });
  await eventually(
    () =>
      assert.rejects(mapper.resourceOf("dead.example.com/v1", "Wave"), (error) => hasCode(error, "KUBE_UNAVAILABLE")),
    { timeoutMs: 20_000 },
  );
  assert.equal((await mapper.resourceOf("v1", "Pod")).plural, "pods");
  await client.delete(API_SERVICES, name);
});

test("what is remembered has a limit", async (t) => {
  const { mapper, proxy } = await aMapper(t, { limit: 2 });
  for (const version of ["v1", "apps/v1", "batch/v1", "v1"]) {
    await mapper.resourceOf(version, { v1: "Pod", "apps/v1": "Deployment", "batch/v1": "Job" }[version] ?? "");
  }
  assert.equal(proxy.count(), 4, "v1 had to go for batch/v1");
});

test("an apiVersion that would lead elsewhere is not asked for", async (t) => {
  const { mapper, proxy } = await aMapper(t);
  for (const bad of ["../api/v1", "a/b/c", "v1?x=1", "", "/v1"]) {
    await assert.rejects(mapper.resourceOf(bad, "Pod"), (error) => hasCode(error, "INVALID"), bad);
  }
  assert.equal(proxy.count(), 0);
});
