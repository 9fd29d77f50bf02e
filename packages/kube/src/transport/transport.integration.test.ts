import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "@carrel/std";
import {
  createServiceAccountToken,
  eventually,
  type FaultProxy,
  faults,
  type ServiceAccountToken,
  type SharedControlPlane,
  startFaultProxy,
} from "@carrel/testkit";
import { createKubeClient } from "../client/create-kube-client.ts";
import type { KubeClient } from "../client/kube-client.ts";
import { CONFIG_MAPS } from "../client/resources/configuration.ts";
import { LEASES } from "../client/resources/lease.ts";
import { isAlreadyExists, isForbidden, isTooManyRequests, isUnauthorized } from "../client/status-predicates.ts";
import { testClient } from "../client/testing/test-client.ts";
import { FakeClock } from "../workqueue/testing/fake-clock.ts";
import { loadKubeconfig } from "./load-kubeconfig.ts";
import { isUnsent, TransportError } from "./transport-error.ts";

interface Pod {
  /** Talks through the proxy with the credentials that lie in `directory`, as a Pod does. */
  readonly client: KubeClient & AsyncDisposable;
  readonly proxy: FaultProxy;
  readonly directory: string;
  readonly namespace: string;
  readonly account: ServiceAccountToken;
}

async function pod(t: TestContext, token?: string): Promise<Pod> {
  const { controlPlane, namespace } = await testClient(t);
  const account = await createServiceAccountToken(controlPlane, { namespace });
  const proxy = await startFaultProxy({ target: controlPlane.server, caPem: controlPlane.caPem, test: t });
  t.after(() => proxy[Symbol.asyncDispose]());
  const directory = await mkdtemp(join(tmpdir(), "carrel-serviceaccount-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  await writeFile(join(directory, "token"), token ?? account.token);
  await writeFile(join(directory, "ca.crt"), proxy.caPem);
  await writeFile(join(directory, "namespace"), `${namespace}\n`);
  const { hostname: host, port } = new URL(proxy.url);
  const config = await loadKubeconfig({ inCluster: { host, port: Number(port), directory } });
  assert.equal(config.namespace, namespace);
  const client = createKubeClient(config, { userAgent: "carrel-test/1" });
  t.after(() => client[Symbol.asyncDispose]());
  return { client, proxy, directory, namespace, account };
}

async function failure(call: Promise<unknown>): Promise<TransportError> {
  const error: unknown = await call.then(
    () => assert.fail("it did not fail"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof TransportError, String(error));
  return error;
}

test("a token that is replaced is read again when the old one is refused", async (t) => {
  const { client, proxy, directory, namespace, account } = await pod(t, "not-a-token");
  await assert.rejects(client.list(CONFIG_MAPS, { namespace }), isUnauthorized);
  await writeFile(join(directory, "token"), account.token);
  await systemClock.sleep(1_100);
  proxy.clearRequests();
  await client.list(CONFIG_MAPS, { namespace });
  assert.deepEqual(
    proxy.requests().map((request) => request.status),
    [401, 200],
    "the caller saw nothing of it",
  );
  await client.list(CONFIG_MAPS, { namespace });
  assert.equal(proxy.count(), 3);
});

test("a new certificate authority is trusted once its file says so, and not before", async (t) => {
  const { client, proxy, directory, namespace } = await pod(t);
  await client.list(CONFIG_MAPS, { namespace });
  await proxy.changeCertificate("other");
  proxy.endConnections();
  await systemClock.sleep(1_100);
  const error = await failure(client.list(CONFIG_MAPS, { namespace }));
  assert.deepEqual([error.code, error.sent], ["KUBE_UNREACHABLE", false]);
  assert.match(error.message, /CERT|SIGNATURE|ISSUER/);

  await writeFile(join(directory, "ca.crt"), proxy.caPem);
  await systemClock.sleep(1_100);
  await client.list(CONFIG_MAPS, { namespace });
});

test("an answer that was lost: the write happened, and the error says that it may have", async (t) => {
  const { client, proxy, namespace } = await pod(t);
  const object = { metadata: { name: "lost", namespace } };
  proxy.inject({ method: "POST", times: 1 }, faults.resetAfterAnswer());
  const error = await failure(client.create(CONFIG_MAPS, object));
  assert.deepEqual([error.code, error.sent, isUnsent(error)], ["KUBE_CONNECTION_LOST", true, false]);
  assert.equal(proxy.count({ method: "POST" }), 1);
  await assert.rejects(client.create(CONFIG_MAPS, object), isAlreadyExists);
});

test("429 with Retry-After is waited out inside the deadline, and given back when it does not fit", async (t) => {
  const { client, proxy, namespace } = await pod(t);
  proxy.inject({ method: "POST", times: 2 }, faults.tooManyRequests(1));
  const startedAt = performance.now();
  await client.create(CONFIG_MAPS, { metadata: { name: "patient", namespace } });
  assert.ok(performance.now() - startedAt >= 2_000);
  assert.deepEqual(
    proxy.requests({ method: "POST" }).map((request) => request.status),
    [429, 429, 201],
  );
  proxy.inject({ method: "POST" }, faults.tooManyRequests(30));
  await assert.rejects(client.create(CONFIG_MAPS, { metadata: { name: "hasty", namespace } }), isTooManyRequests);
});

test("a black hole: calls end at their deadline, leases go on by their own connections, all recovers", async (t) => {
  const { client, proxy, namespace } = await pod(t);
  const lease = { metadata: { name: "leader", namespace }, spec: { holderIdentity: "a" } };
  await client.create(LEASES, lease);
  const hole = proxy.inject({ path: /configmaps/ }, faults.blackHole());
  const stuck = Array.from({ length: 60 }, () => failure(client.list(CONFIG_MAPS, { namespace, timeoutMs: 1_000 })));
  await systemClock.sleep(200);
  const startedAt = performance.now();
  await client.mergePatch(LEASES, "leader", { spec: { holderIdentity: "b" } }, { namespace, timeoutMs: 500 });
  assert.ok(performance.now() - startedAt < 500);

  const errors = await Promise.all(stuck);
  assert.deepEqual(new Set(errors.map((error) => error.code)), new Set(["KUBE_DEADLINE"]));
  assert.equal(errors.filter((error) => error.sent).length, 32, "as many as there are connections were sent");
  hole.remove();
  await client.list(CONFIG_MAPS, { namespace, timeoutMs: 2_000 });
});

test("a server that is away and back: unsent while it is away, fine at once when it is back", async (t) => {
  const { client, proxy, namespace } = await pod(t);
  await client.list(CONFIG_MAPS, { namespace });
  await proxy.refuse();
  for (let i = 0; i < 3; i++) {
    const error = await failure(client.create(CONFIG_MAPS, { metadata: { name: "x", namespace } }));
    assert.deepEqual([error.code, error.sent], ["KUBE_UNREACHABLE", false]);
  }
  await proxy.listen();
  await client.create(CONFIG_MAPS, { metadata: { name: "x", namespace } });
});

test("connections that the server closed while they were idle are not used again", async (t) => {
  const { client, proxy, namespace } = await pod(t);
  for (let i = 0; i < 5; i++) {
    await client.create(CONFIG_MAPS, { metadata: { name: `x${i}`, namespace } });
    proxy.endConnections(i % 2 === 0 ? "cut" : "reset");
    await eventually(() => assert.equal(proxy.connections.open, 0));
    // The end has left the proxy; it must reach this process.
    await systemClock.sleep(10);
  }
});

test("a client certificate that is replaced: new calls use it, a watch of the old one goes on", async (t) => {
  const { controlPlane, client: admin, namespace } = await testClient(t);
  const directory = await mkdtemp(join(tmpdir(), "carrel-certificate-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const use = async ({ users: [{ user }] }: SharedControlPlane["kubeconfig"]): Promise<void> => {
    await writeFile(join(directory, "crt"), Buffer.from(user["client-certificate-data"], "base64"));
    await writeFile(join(directory, "key"), Buffer.from(user["client-key-data"], "base64"));
  };
  await use(controlPlane.kubeconfig);
  const clock = new FakeClock();
  const config = {
    server: controlPlane.server,
    namespace,
    ca: { value: controlPlane.caPem },
    clientCertificate: { file: join(directory, "crt") },
    clientKey: { file: join(directory, "key") },
  };
  await using client = createKubeClient(config, { userAgent: "carrel-test/1", clock });
  const { resourceVersion } = await client.list(CONFIG_MAPS, { namespace });
  const watching = client.watch(CONFIG_MAPS, { namespace, resourceVersion })[Symbol.asyncIterator]();
  const next = watching.next();

  await use((await controlPlane.createKubeconfig("bob")).kubeconfig);
  await client.list(CONFIG_MAPS, { namespace });
  await clock.advance(60_000);
  await assert.rejects(client.list(CONFIG_MAPS, { namespace }), isForbidden);
  await admin.create(CONFIG_MAPS, { metadata: { name: "seen", namespace } });
  assert.equal((await next).value?.type, "ADDED");
  await watching.return?.();
});
