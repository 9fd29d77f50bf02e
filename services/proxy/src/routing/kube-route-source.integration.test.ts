import assert from "node:assert/strict";
import { get } from "node:http";
import { test, type TestContext } from "node:test";
import { generateSigningKey, publicJwks } from "@carrel/auth";
import { createKubeClient, loadKubeconfig, Manager, PODS, SESSIONS } from "@carrel/kube";
import { systemClock } from "@carrel/std";
import { createServiceAccountToken, sharedControlPlane, startFaultProxy } from "@carrel/testkit";
import { WebSocket } from "ws";
import { KubeKeySource } from "../auth/kube-key-source.ts";
import { createProxyMetrics } from "../metrics.ts";
import { DEFAULT_LIMITS } from "../server/limits.ts";
import { ProxyServer } from "../server/proxy-server.ts";
import { DOMAIN } from "../testing/a-route.ts";
import { KubeSessions } from "../testing/kube-sessions.ts";
import { RecordingPod } from "../testing/recording-pod.ts";
import { until } from "../testing/until.ts";
import { KubeRouteSource } from "./kube-route-source.ts";

/** @param address of the pod; no two pods of a cluster share one, and the tests share the cluster */
async function setUp(t: TestContext, address: string) {
  const sessions = await KubeSessions.start();
  const pod = await RecordingPod.start(address);
  const log: string[] = [];
  const write = (_fields: object, message: string): void => void log.push(message);
  const logger = { debug: write, info: write, warn: write, error: write };
  const manager = new Manager({ client: sessions.client });
  const keys = new KubeKeySource({ informers: manager, namespace: sessions.namespace, logger });
  const metrics = createProxyMetrics();
  // The pods of this test are on the loopback, where no pod of a cluster is.
  const policy = { refuses: (address: string) => address.startsWith("169.254.") };
  const { client } = sessions;
  const clock = systemClock;
  const routes = new KubeRouteSource({ informers: manager, client, clock, policy, metrics, readThroughMs: 1000 });
  const limits = { ...DEFAULT_LIMITS, holdMs: 3000 };
  const server = new ProxyServer({
    domain: DOMAIN,
    scheme: "http",
    port: 80,
    issuer: "carrel",
    routes,
    keys,
    limits,
    clock,
    logger,
  });
  const stop = new AbortController();
  const running = manager.run(stop.signal);
  await server.listen(0, "127.0.0.1");
  t.after(async () => {
    await server[Symbol.asyncDispose]();
    stop.abort();
    await running;
    await pod[Symbol.asyncDispose]();
    await sessions[Symbol.asyncDispose]();
  });
  const ready = until(() => manager.ready().ok && keys.isLoaded(), 20_000);
  // Not every test waits for it, and some end before.
  ready.catch(() => undefined);
  const ask = async (session: string, token: string): Promise<{ status: number; body: string }> =>
    new Promise((resolve, reject) => {
      const headers = { Host: `${session}.${DOMAIN}`, Authorization: `Bearer ${token}` };
      get({ port: server.port, host: "127.0.0.1", headers, agent: false }, (answer) => {
        let body = "";
        answer.on("data", (chunk: Buffer) => (body += chunk.toString()));
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body }));
      }).on("error", reject);
    });
  return { sessions, pod, server, routes, ready, ask, log };
}

test("a session's life as the watch tells it: held, ready, pod replaced, extended, ended, deleted", async (t) => {
  const { sessions, pod, server, routes, ready, ask } = await setUp(t, "127.0.1.1");
  await ready;
  const first = await sessions.createPod("127.0.1.1");
  const session = await sessions.createSession({ phase: "Provisioning" });
  const { name } = session.metadata;
  const token = await sessions.mint(session);
  const held = ask(name, token);
  await systemClock.sleep(100);
  await sessions.setStatus(name, sessions.readyIn(first, pod.port));
  assert.equal((await held).status, 200);

  const open = async (): Promise<WebSocket> => {
    const headers = { Host: `${name}.${DOMAIN}`, Authorization: `Bearer ${token}` };
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/`, { headers });
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    return socket;
  };
  const closed = (socket: WebSocket) =>
    new Promise<[number, string]>((resolve) =>
      socket.once("close", (code, reason) => resolve([code, reason.toString()])),
    );

  const inFirst = await open();
  const replaced = closed(inFirst);
  const elsewhere = await RecordingPod.start("127.0.1.2");
  t.after(() => elsewhere[Symbol.asyncDispose]());
  const second = await sessions.createPod("127.0.1.2");
  await sessions.setStatus(name, sessions.readyIn(second, elsewhere.port));
  assert.deepEqual(await replaced, [1012, ""]);

  await sessions.setSpec(name, { expiresAt: new Date(Date.now() + 2 * 3_600_000).toISOString() });
  await until(() => (routes.lookUp(name)?.expiresAtMs ?? 0) > Date.now() + 3_700_000);

  const ended = closed(await open());
  const end = { reason: "EndedByTenant", at: new Date().toISOString(), by: "tenant" } as const;
  await sessions.setSpec(name, { end });
  assert.deepEqual(await ended, [4002, "EndedByTenant"]);
  const gone = await ask(name, token);
  assert.equal(gone.status, 410);
  await sessions.client.delete(SESSIONS, name);
  await until(() => routes.lookUp(name) === undefined);
});

test("an address counts only while the named pod has it, alone, and is ready", async (t) => {
  const { sessions, pod, routes, ready, ask } = await setUp(t, "127.0.2.1");
  await ready;
  const desk = await sessions.createPod("127.0.2.1");
  const session = await sessions.createSession(sessions.readyIn(desk, pod.port));
  const { name } = session.metadata;
  const token = await sessions.mint(session);
  const address = (): string | undefined => routes.lookUp(name)?.pod?.address;
  await until(() => address() === "127.0.2.1");
  assert.equal((await ask(name, token)).status, 200);

  await sessions.setPodStatus(desk.metadata.name, "127.0.2.1", false);
  await until(() => address() === undefined);
  await sessions.setPodStatus(desk.metadata.name, "127.0.2.1", true);
  await until(() => address() === "127.0.2.1");

  const twin = await sessions.createPod("127.0.2.1");
  await until(() => address() === undefined);
  await sessions.client.delete(PODS, twin.metadata.name, { namespace: sessions.namespace, gracePeriodSeconds: 0 });
  await until(() => address() === "127.0.2.1");

  await sessions.setPodStatus(desk.metadata.name, "169.254.169.254", true);
  await until(() => address() === undefined);
  await sessions.setPodStatus(desk.metadata.name, "127.0.2.1", true);
  await until(() => address() === "127.0.2.1");
  await sessions.client.delete(PODS, desk.metadata.name, { namespace: sessions.namespace, gracePeriodSeconds: 0 });
  await until(() => routes.lookUp(name)?.pod?.gone === true);
});

test("before the watch has brought a session it is read from the API server, once for many", async (t) => {
  const { sessions, pod, routes, ask } = await setUp(t, "127.0.3.1");
  // Not waiting for the caches: sessions are made while they may still be empty.
  const desk = await sessions.createPod("127.0.3.1");
  const session = await sessions.createSession(sessions.readyIn(desk, pod.port));
  const read = await routes.readThrough(session.metadata.name);
  assert.equal(read?.pod?.address, "127.0.3.1");
  assert.equal(read?.sessionUid, session.metadata.uid);
  assert.equal(routes.readThrough("sbbbbbbbbbbbbbbbbbbbb"), routes.readThrough("sbbbbbbbbbbbbbbbbbbbb"));
  assert.equal(await routes.readThrough("sbbbbbbbbbbbbbbbbbbbb"), undefined);
  const token = await sessions.mint(session);
  await until(() => routes.lookUp(session.metadata.name) !== undefined);
  assert.notEqual((await ask(session.metadata.name, token)).status, 404);
});

test("keys: a new one is taken up, a withdrawn one cuts, nonsense changes nothing", async (t) => {
  const { sessions, pod, server, ready, ask, log } = await setUp(t, "127.0.4.1");
  await ready;
  const desk = await sessions.createPod("127.0.4.1");
  const session = await sessions.createSession(sessions.readyIn(desk, pod.port));
  const { name } = session.metadata;
  const token = await sessions.mint(session);
  assert.equal((await ask(name, token)).status, 200);
  const next = await generateSigningKey();
  await sessions.publish(publicJwks([next, sessions.key]));
  await until(() => log.filter((line) => line === "keys loaded").length >= 3);
  assert.equal((await ask(name, token)).status, 200);
  await sessions.publish({ keys: [{ ...next, kty: "oct" } as never] });
  await until(() => log.includes("keys cannot be read; the last good ones stay in use"));
  assert.equal((await ask(name, token)).status, 200);
  const headers = { Host: `${name}.${DOMAIN}`, Authorization: `Bearer ${token}` };
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/`, { headers });
  const code = new Promise<number>((resolve) => socket.once("close", resolve));
  await new Promise((resolve) => socket.once("open", resolve));
  await sessions.publish(publicJwks([next]));
  assert.equal(await code, 4001);
  assert.equal((await ask(name, token)).status, 401);
});

test("every watch is short, so that one which goes dead is given up within a minute", async (t) => {
  const { server, caPem } = await sharedControlPlane();
  await using sessions = await KubeSessions.start();
  const { token } = await createServiceAccountToken(await sharedControlPlane());
  await using proxy = await startFaultProxy({ target: server, caPem, token, test: t });
  await using client = createKubeClient(await loadKubeconfig({ path: proxy.kubeconfigPath }), { userAgent: "proxy" });
  const manager = new Manager({ client });
  const log = (): void => undefined;
  const logger = { debug: log, info: log, warn: log, error: log };
  const policy = { refuses: () => false };
  const keys = new KubeKeySource({ informers: manager, namespace: sessions.namespace, logger });
  const metrics = createProxyMetrics();
  new KubeRouteSource({ informers: manager, client, clock: systemClock, policy, metrics, readThroughMs: 1000 });
  const stop = new AbortController();
  const running = manager.run(stop.signal);
  await until(() => keys.isLoaded() && proxy.count({ watch: true }) === 4, 20_000);
  for (const { path, query } of proxy.requests({ watch: true })) {
    const seconds = Number(new URLSearchParams(query).get("timeoutSeconds"));
    assert.ok(seconds >= 30 && seconds <= 45, `${path} lasts ${seconds} s`);
  }
  stop.abort();
  await running;
});
