import assert from "node:assert/strict";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { test } from "node:test";
import { createServiceAccountToken, eventually, startFaultProxy } from "@carrel/testkit";
import { loadKubeconfig } from "../transport/load-kubeconfig.ts";
import { createKubeClient } from "./create-kube-client.ts";
import { resource } from "./resource.ts";
import { type ConfigMap, CONFIG_MAPS } from "./resources/configuration.ts";
import { POD_EVICTIONS } from "./resources/eviction.ts";
import { NAMESPACES } from "./resources/namespace.ts";
import { PODS } from "./resources/pod.ts";
import { RESOURCE_QUOTAS } from "./resources/quota.ts";
import { CLUSTER_ROLES } from "./resources/rbac.ts";
import { SERVICE_ACCOUNT_TOKENS, SERVICE_ACCOUNTS } from "./resources/service-account.ts";
import {
  fieldConflicts,
  isAlreadyExists,
  isBadRequest,
  isConflict,
  isFieldManagerConflict,
  isForbidden,
  isInvalid,
  isNamespaceTerminating,
  isNotFound,
  isQuotaExceeded,
} from "./status-predicates.ts";
import { StatusError } from "./status-error.ts";
import { testClient } from "./testing/test-client.ts";

const map = (name: string, namespace: string, data: ConfigMap["data"] = {}): ConfigMap => ({
  metadata: { name, namespace },
  data,
});

test("an object's life: create, get, update, patch, delete", async (t) => {
  const { client, namespace } = await testClient(t);
  const made = await client.create(CONFIG_MAPS, map("life", namespace, { a: "Zwölf 🦊" }));
  assert.equal(made.kind, "ConfigMap");
  assert.deepEqual(await client.get(CONFIG_MAPS, "life", { namespace }), made);
  await assert.rejects(client.create(CONFIG_MAPS, map("life", namespace)), isAlreadyExists);

  const updated = await client.update(CONFIG_MAPS, { ...made, data: { a: "2" } });
  assert.deepEqual(updated.data, { a: "2" });
  await assert.rejects(client.update(CONFIG_MAPS, { ...made, data: { a: "3" } }), isConflict, "a stale version");

  const merged = await client.mergePatch(CONFIG_MAPS, "life", { data: { a: null, b: "1" } }, { namespace });
  assert.deepEqual(merged.data, { b: "1" });
  const stale = { metadata: { resourceVersion: made.metadata.resourceVersion }, data: { c: "1" } };
  await assert.rejects(client.mergePatch(CONFIG_MAPS, "life", stale, { namespace }), isConflict);

  const patch = [
    { op: "test", path: "/data/b", value: "1" },
    { op: "replace", path: "/data/b", value: "2" },
  ];
  assert.deepEqual((await client.jsonPatch(CONFIG_MAPS, "life", patch, { namespace })).data, { b: "2" });
  await assert.rejects(client.jsonPatch(CONFIG_MAPS, "life", patch, { namespace }), isInvalid, "the test fails now");

  await client.delete(CONFIG_MAPS, "life", { namespace, dryRun: true });
  await assert.rejects(client.delete(CONFIG_MAPS, "life", { namespace, uid: "another" }), isConflict);
  const old = { namespace, uid: made.metadata.uid ?? "", resourceVersion: made.metadata.resourceVersion ?? "" };
  await assert.rejects(client.delete(CONFIG_MAPS, "life", old), isConflict, "right UID, old version");
  await client.delete(CONFIG_MAPS, "life", { namespace, uid: made.metadata.uid ?? "" });
  await assert.rejects(client.get(CONFIG_MAPS, "life", { namespace }), isNotFound);
  await assert.rejects(client.delete(CONFIG_MAPS, "life", { namespace }), isNotFound);
});

test("fields that the types do not know survive a read, a change and a write", async (t) => {
  const { client, namespace } = await testClient(t);
  const pod = {
    metadata: { name: "whole", namespace },
    spec: { containers: [{ name: "c", image: "i", terminationMessagePath: "/tmp/x" }], serviceAccountName: "default" },
  };
  await client.create(SERVICE_ACCOUNTS, { metadata: { name: "default", namespace } });
  const made = await client.create(PODS, pod);
  const updated = await client.update(PODS, { ...made, metadata: { ...made.metadata, labels: { a: "b" } } });
  assert.deepEqual(updated.spec, made.spec);
  assert.match(JSON.stringify(updated.spec), /"terminationMessagePath":"\/tmp\/x"/);
});

test("apply: fields have owners, conflicts name them, force takes them", async (t) => {
  const { client, namespace } = await testClient(t);
  await client.apply(CONFIG_MAPS, map("shared", namespace, { a: "1", b: "1" }), { fieldManager: "first" });
  const second = map("shared", namespace, { a: "2" });
  await assert.rejects(client.apply(CONFIG_MAPS, second, { fieldManager: "second" }), (error) => {
    assert.ok(isConflict(error) && isFieldManagerConflict(error));
    assert.deepEqual(fieldConflicts(error), [{ field: ".data.a", message: 'conflict with "first"' }]);
    return true;
  });
  const forced = await client.apply(CONFIG_MAPS, second, { fieldManager: "second", force: true });
  assert.deepEqual(forced.data, { a: "2", b: "1" });
  const dropped = await client.apply(CONFIG_MAPS, map("shared", namespace), { fieldManager: "first" });
  assert.deepEqual(dropped.data, { a: "2" }, "what an apply no longer names goes, if nobody else owns it");
});

test("a misspelt field is refused, whatever the verb, and never silently dropped", async (t) => {
  const { client, namespace } = await testClient(t);
  const typo = { ...map("typo", namespace), dta: { a: "1" } };
  await assert.rejects(client.create(CONFIG_MAPS, typo), isBadRequest);
  await client.create(CONFIG_MAPS, map("typo", namespace));
  await assert.rejects(client.update(CONFIG_MAPS, typo), isBadRequest);
  await assert.rejects(
    client.mergePatch(CONFIG_MAPS, "typo", { dta: {} }, { namespace }),
    (error) => isInvalid(error) || isBadRequest(error),
  );
  await assert.rejects(client.apply(CONFIG_MAPS, typo), (error) => {
    assert.ok(error instanceof StatusError);
    assert.deepEqual([error.status, error.retryable], [500, false], "500, for ever: not worth a retry");
    return true;
  });
});

test("dry run and field manager reach the server", async (t) => {
  const { client, namespace } = await testClient(t);
  await client.create(CONFIG_MAPS, map("dry", namespace), { dryRun: true });
  await assert.rejects(client.get(CONFIG_MAPS, "dry", { namespace }), isNotFound);
  const made = await client.create(CONFIG_MAPS, map("dry", namespace, { a: "1" }), { fieldManager: "somebody" });
  assert.match(JSON.stringify(made.metadata), /"manager":"somebody"/);
});

test("the status subresource changes the status and nothing else; a quota then refuses", async (t) => {
  const { client, namespace } = await testClient(t);
  const hard = { "count/configmaps": "1" };
  const quota = { metadata: { name: "desk", namespace }, spec: { hard } };
  await client.create(RESOURCE_QUOTAS, { ...quota, status: { hard: { pods: "9" } } });
  const made = await client.get(RESOURCE_QUOTAS, "desk", { namespace });
  assert.deepEqual(made.status, {}, "a create ignores the status");

  const status = { hard, used: { "count/configmaps": "0" } };
  const patch = { spec: { hard: { pods: "9" } }, status };
  const after = await client.mergePatch(RESOURCE_QUOTAS, "desk", patch, { namespace, subresource: "status" });
  assert.deepEqual([after.spec?.hard, after.status], [hard, status]);

  await client.create(CONFIG_MAPS, map("first", namespace));
  await assert.rejects(client.create(CONFIG_MAPS, map("second", namespace)), (error) => {
    assert.ok(isQuotaExceeded(error) && isForbidden(error) && !isNamespaceTerminating(error));
    return true;
  });
});

test("a namespace that is being deleted says so", async (t) => {
  const { client, namespace } = await testClient(t);
  const { metadata } = await client.get(NAMESPACES, namespace);
  await client.delete(NAMESPACES, namespace, { uid: metadata.uid ?? "" });
  await assert.rejects(client.create(CONFIG_MAPS, map("late", namespace)), isNamespaceTerminating);
  await assert.rejects(client.create(CONFIG_MAPS, map("late", "no-such-namespace")), isNotFound);
});

test("two thousand objects by pages: complete, consistent, and the event loop stays free", async (t) => {
  const { client, namespace } = await testClient(t);
  const names = Array.from({ length: 2000 }, (_, i) => `m${String(i).padStart(4, "0")}`);
  const todo = names.values();
  const data = { text: "x".repeat(2000) };
  await Promise.all(
    Array.from({ length: 24 }, async () => {
      for (const name of todo) {
        await client.create(CONFIG_MAPS, {
          metadata: { name, namespace, labels: { half: name < "m1000" ? "a" : "b" } },
          data,
        });
      }
    }),
  );

  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const sizes: number[] = [];
  const seen: string[] = [];
  const versions = new Set<string>();
  for await (const page of client.pages(CONFIG_MAPS, { namespace, limit: 300 })) {
    sizes.push(page.items.length);
    versions.add(page.resourceVersion);
    for (const item of page.items) {
      assert.deepEqual([item.apiVersion, item.kind], ["v1", "ConfigMap"]);
      seen.push(item.metadata.name);
    }
    // Between pages the list must not change under the reader.
    if (sizes.length === 1) await client.delete(CONFIG_MAPS, "m1999", { namespace });
  }
  delay.disable();
  assert.deepEqual(sizes, [300, 300, 300, 300, 300, 300, 200]);
  assert.deepEqual(seen, names);
  assert.equal(versions.size, 1, "all pages show one version");
  assert.ok(delay.max / 1e6 < 500, `the event loop stood still for ${delay.max / 1e6} ms`);

  const whole = await client.list(CONFIG_MAPS, { namespace });
  assert.equal(whole.items.length, 1999);
  assert.deepEqual(await client.get(CONFIG_MAPS, "m0000", { namespace }), whole.items[0], "list and get agree");
  const some = await client.list(CONFIG_MAPS, {
    namespace,
    labelSelector: "half=a",
    fieldSelector: "metadata.name!=m0000",
  });
  assert.equal(some.items.length, 999);

  const slim = await client.list(CONFIG_MAPS, { namespace, metadataOnly: true });
  assert.deepEqual(Object.keys(slim.items[0] ?? {}), ["apiVersion", "kind", "metadata"]);
  assert.deepEqual([slim.items.length, slim.items[0]?.kind], [1999, "ConfigMap"]);

  await client.deleteCollection(CONFIG_MAPS, { namespace, labelSelector: "half=a" });
  assert.equal((await client.list(CONFIG_MAPS, { namespace })).items.length, 999);
});

test("five hundred calls at once share at most 32 connections", async (t) => {
  const { controlPlane, namespace } = await testClient(t);
  const { token } = await createServiceAccountToken(controlPlane);
  const proxy = await startFaultProxy({ target: controlPlane.server, caPem: controlPlane.caPem, token, test: t });
  t.after(() => proxy[Symbol.asyncDispose]());
  const config = await loadKubeconfig({ path: proxy.kubeconfigPath });
  {
    await using client = createKubeClient(config, { userAgent: "carrel-pool/1" });
    for (let i = 0; i < 20; i++) await client.list(CONFIG_MAPS, { namespace });
    assert.ok(proxy.connections.total <= 2, `${proxy.connections.total} for calls one after the other`);
    await Promise.all(Array.from({ length: 500 }, () => client.list(CONFIG_MAPS, { namespace })));
    assert.ok(proxy.connections.total <= 32, `${proxy.connections.total} connections`);
    assert.equal(proxy.count(), 520);
    assert.deepEqual(new Set(proxy.requests().map((request) => request.userAgent)), new Set(["carrel-pool/1"]));
  }
  await eventually(() => assert.equal(proxy.connections.open, 0, "disposing closes them all"));
});

test("who may not, is told: RBAC, unknown kinds, wrong scope", async (t) => {
  const { controlPlane, client, namespace } = await testClient(t);
  const bob = await controlPlane.createKubeconfig("bob");
  await using nobody = createKubeClient(await loadKubeconfig({ path: bob.path }), { userAgent: "carrel-test/1" });
  await assert.rejects(nobody.get(CONFIG_MAPS, "x", { namespace }), (error) => {
    assert.ok(isForbidden(error) && !isNamespaceTerminating(error) && !isQuotaExceeded(error));
    return true;
  });
  const nothing = resource("nothing.example/v1", "Nothing", "nothings");
  await assert.rejects(client.list(nothing), isNotFound);
  await assert.rejects(client.get(NAMESPACES, namespace, { namespace }), /cluster-scoped/);
});

test("raw paths, subresources that are created, names with colons", async (t) => {
  const { client, namespace } = await testClient(t);
  assert.equal(await client.getRaw("/readyz"), "ok");
  await assert.rejects(client.getRaw("https://elsewhere.example/"), /not a path/);
  assert.equal(((await client.getRaw("/apis")) as { kind: string }).kind, "APIGroupList");
  assert.equal((await client.get(CLUSTER_ROLES, "system:node")).metadata.name, "system:node");

  await client.create(SERVICE_ACCOUNTS, { metadata: { name: "desk", namespace } });
  const metadata = { name: "desk", namespace };
  const answer = await client.create(
    SERVICE_ACCOUNT_TOKENS,
    { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", metadata, spec: { expirationSeconds: 600 } },
    { subresource: "token" },
  );
  assert.equal(answer.status?.token.split(".").length, 3);

  const spec = { containers: [{ name: "c", image: "i" }], serviceAccountName: "desk" };
  const pod = await client.create(PODS, { metadata, spec });
  const evict = (uid: string | undefined): Promise<unknown> => {
    const preconditions = { uid: uid ?? "" };
    const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata, deleteOptions: { preconditions } } as const;
    return client.create(POD_EVICTIONS, eviction, { subresource: "eviction" });
  };
  await assert.rejects(evict("another"), isConflict);
  await evict(pod.metadata.uid);
  await assert.rejects(client.get(PODS, "desk", { namespace }), isNotFound);
});
