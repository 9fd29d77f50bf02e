import assert from "node:assert/strict";
import { test } from "node:test";
import { createServiceAccountToken, eventually, faults, startFaultProxy } from "@carrel/testkit";
import { loadKubeconfig } from "../transport/load-kubeconfig.ts";
import { TransportError } from "../transport/transport-error.ts";
import { createKubeClient } from "./create-kube-client.ts";
import type { KubeClient, WatchEvent } from "./kube-client.ts";
import { type ConfigMap, CONFIG_MAPS } from "./resources/configuration.ts";
import { isBadRequest, isForbidden, isGone } from "./status-predicates.ts";
import { testClient } from "./testing/test-client.ts";

async function versionOf(client: KubeClient, namespace: string): Promise<string> {
  return (await client.list(CONFIG_MAPS, { namespace })).resourceVersion;
}

function describe(event: WatchEvent<ConfigMap>): string {
  return event.type === "BOOKMARK" ? event.type : `${event.type} ${event.object.metadata.name}`;
}

test("a watch tells every change in order, then a bookmark, and ends when the server ends it", async (t) => {
  const { client, namespace } = await testClient(t);
  const resourceVersion = await versionOf(client, namespace);
  const events: WatchEvent<ConfigMap>[] = [];
  const watching = (async () => {
    for await (const event of client.watch(CONFIG_MAPS, { namespace, resourceVersion, timeoutSeconds: 5 })) {
      events.push(event);
    }
  })();
  const made = await client.create(CONFIG_MAPS, { metadata: { name: "a", namespace }, data: { text: "Zwölf 🦊" } });
  await client.create(CONFIG_MAPS, { metadata: { name: "b", namespace } });
  await client.mergePatch(CONFIG_MAPS, "a", { data: { text: "x" } }, { namespace });
  await client.delete(CONFIG_MAPS, "a", { namespace });
  await watching;
  const changes = events.map(describe).filter((text) => text !== "BOOKMARK");
  assert.deepEqual(changes, ["ADDED a", "ADDED b", "MODIFIED a", "DELETED a"]);
  const [added] = events;
  assert.ok(added !== undefined && added.type !== "BOOKMARK");
  assert.deepEqual(added.object, made, "a watched object is what a get gives");
  const last = events.at(-1);
  assert.ok(last?.type === "BOOKMARK" && Number(last.resourceVersion) >= Number(made.metadata.resourceVersion));
});

test("selectors and metadata-only hold for watches", async (t) => {
  const { client, namespace } = await testClient(t);
  const options = {
    namespace,
    resourceVersion: await versionOf(client, namespace),
    labelSelector: "pick=me",
    metadataOnly: true,
    timeoutSeconds: 60,
  };
  await client.create(CONFIG_MAPS, { metadata: { name: "other", namespace } });
  await client.create(CONFIG_MAPS, { metadata: { name: "mine", namespace, labels: { pick: "me" } }, data: { a: "1" } });
  for await (const event of client.watch(CONFIG_MAPS, options)) {
    assert.ok(event.type !== "BOOKMARK");
    assert.equal(describe(event), "ADDED mine");
    assert.deepEqual(Object.keys(event.object).toSorted(), ["apiVersion", "kind", "metadata"]);
    assert.deepEqual([event.object.apiVersion, event.object.kind], ["v1", "ConfigMap"]);
    break;
  }
});

test("a watch of a version that is no longer kept throws isGone", async (t) => {
  const { client, namespace, controlPlane } = await testClient(t);
  await controlPlane.restartApiServer();
  await assert.rejects(async () => {
    for await (const _ of client.watch(CONFIG_MAPS, { namespace, resourceVersion: "1" })) assert.fail("an event");
  }, isGone);
});

test("a watch that is refused throws the refusal", async (t) => {
  const { client, namespace, controlPlane } = await testClient(t);
  const { path } = await controlPlane.createKubeconfig("bob");
  await using nobody = createKubeClient(await loadKubeconfig({ path }), { userAgent: "carrel-test/1" });
  const next = (by: KubeClient, labelSelector: string) =>
    by.watch(CONFIG_MAPS, { namespace, resourceVersion: "0", labelSelector })[Symbol.asyncIterator]().next();
  await assert.rejects(next(nobody, ""), isForbidden);
  await assert.rejects(next(client, "a=b=c"), isBadRequest);
});

test("an abort ends a watch at once, and breaking out of it closes its connection", async (t) => {
  const { controlPlane, namespace, client: admin } = await testClient(t);
  const { token } = await createServiceAccountToken(controlPlane);
  const proxy = await startFaultProxy({ target: controlPlane.server, caPem: controlPlane.caPem, token, test: t });
  t.after(() => proxy[Symbol.asyncDispose]());
  await using client = createKubeClient(await loadKubeconfig({ path: proxy.kubeconfigPath }), {
    userAgent: "carrel-test/1",
  });
  const resourceVersion = await versionOf(admin, namespace);

  const controller = new AbortController();
  const reason = new Error("enough");
  const { signal } = controller;
  const pending = client.watch(CONFIG_MAPS, { namespace, resourceVersion, signal })[Symbol.asyncIterator]().next();
  await eventually(() => assert.equal(proxy.requests({ watch: true }).at(-1)?.status, 200));
  const abortedAt = performance.now();
  controller.abort(reason);
  await assert.rejects(pending, (error) => {
    assert.ok(error instanceof TransportError);
    assert.deepEqual([error.code, error.cause], ["KUBE_ABORTED", reason]);
    return true;
  });
  assert.ok(performance.now() - abortedAt < 100, `${performance.now() - abortedAt} ms`);
  await eventually(() => assert.equal(proxy.connections.open, 0));

  await client.create(CONFIG_MAPS, { metadata: { name: "a", namespace } });
  for await (const _ of client.watch(CONFIG_MAPS, { namespace, resourceVersion })) break;
  await eventually(() => assert.ok(proxy.connections.open <= 1, "only that of the create is left"));
});

test("faults of a watch: a cut keeps what came before it, 410 in the stream, 429 before it", async (t) => {
  const { controlPlane, namespace, client: admin } = await testClient(t);
  const { token } = await createServiceAccountToken(controlPlane);
  const proxy = await startFaultProxy({ target: controlPlane.server, caPem: controlPlane.caPem, token, test: t });
  t.after(() => proxy[Symbol.asyncDispose]());
  await using client = createKubeClient(await loadKubeconfig({ path: proxy.kubeconfigPath }), {
    userAgent: "carrel-test/1",
  });
  const resourceVersion = await versionOf(admin, namespace);
  for (const name of ["a", "b", "c"]) await client.create(CONFIG_MAPS, { metadata: { name, namespace } });

  const run = async (): Promise<{ events: string[]; error: unknown }> => {
    const events: string[] = [];
    try {
      const options = { namespace, resourceVersion, timeoutSeconds: 3 };
      for await (const event of client.watch(CONFIG_MAPS, options)) events.push(describe(event));
    } catch (error) {
      return { events, error };
    }
    return { events, error: undefined };
  };

  const line = JSON.stringify({ type: "ADDED", object: await client.get(CONFIG_MAPS, "a", { namespace }) }).length + 1;
  for (const afterBytes of [0, 1, line - 1, line, line + 20]) {
    proxy.inject({ watch: true, times: 1 }, faults.cut(afterBytes));
    const { events, error } = await run();
    assert.ok(error instanceof TransportError, `cut after ${afterBytes}: ${String(error)}`);
    assert.equal(error.code, "KUBE_CONNECTION_LOST");
    assert.deepEqual(events, afterBytes < line ? [] : ["ADDED a"], `cut after ${afterBytes} of ${line}`);
  }

  proxy.inject({ watch: true, times: 1 }, faults.gone(2));
  const gone = await run();
  assert.deepEqual(gone.events, ["ADDED a", "ADDED b"]);
  assert.ok(isGone(gone.error));

  proxy.clearRequests();
  proxy.inject({ watch: true, times: 1 }, faults.tooManyRequests(0));
  const late = await run();
  assert.equal(late.error, undefined);
  assert.deepEqual(late.events.slice(0, 3), ["ADDED a", "ADDED b", "ADDED c"]);
  assert.deepEqual(
    proxy.requests({ watch: true }).map((request) => request.status),
    [429, 200],
  );
});
