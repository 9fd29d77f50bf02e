import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { systemClock } from "@carrel/std";
import {
  createServiceAccountToken,
  eventually,
  type FaultProxy,
  faults,
  sharedControlPlane,
  startFaultProxy,
} from "@carrel/testkit";
import type { KubeClient } from "../client/kube-client.ts";
import { type ConfigMap, CONFIG_MAPS } from "../client/resources/index.ts";
import { type RecordingLogger, recordingLogger } from "../runtime/testing/recording-logger.ts";
import { connect, makeNamespace, versions } from "../runtime/testing/test-access.ts";
import { Informer, type InformerOptions } from "./informer.ts";
import { churn } from "./testing/churn.ts";
import { Follower } from "./testing/follower.ts";

/** An informer that sees the API server through a proxy, and a client that does not. */
interface Scene {
  readonly client: KubeClient;
  readonly proxy: FaultProxy;
  readonly namespace: string;
  readonly informer: Informer<ConfigMap>;
  readonly follower: Follower<ConfigMap>;
  readonly logger: RecordingLogger;
  /** The cache, and what handlers were told, equal a LIST within the time. */
  readonly converges: (withinMs: number) => Promise<void>;
  readonly ends: () => readonly unknown[];
}

const QUICK = { baseMs: 20, maxMs: 400, resetAfterMs: 2000 };

async function play(
  t: TestContext,
  options: InformerOptions<ConfigMap> = {},
  prepare: (scene: Pick<Scene, "client" | "namespace" | "proxy">) => Promise<void> | void = () => undefined,
): Promise<Scene> {
  const controlPlane = await sharedControlPlane();
  const { token } = await createServiceAccountToken(controlPlane);
  const proxy = await startFaultProxy({ target: controlPlane.server, caPem: controlPlane.caPem, token, test: t });
  t.after(() => proxy[Symbol.asyncDispose]());
  const client = connect(t, controlPlane.kubeconfig);
  const namespace = await makeNamespace(client);
  await prepare({ client, namespace, proxy });
  const logger = recordingLogger();
  const watchSeconds = { min: 60, max: 60 };
  const context = { client: connect(t, proxy.kubeconfig), logger };
  const informer = new Informer(context, CONFIG_MAPS, { namespace, retry: QUICK, watchSeconds, ...options });
  const follower = new Follower<ConfigMap>();
  informer.addHandler(follower);
  const stop = new AbortController();
  const running = informer.run(stop.signal);
  t.after(async () => {
    stop.abort();
    await running;
  });
  await informer.waitForSync(AbortSignal.timeout(20_000));
  return {
    client,
    proxy,
    namespace,
    informer,
    follower,
    logger,
    ends: () => logger.values("list or watch ended", "reason"),
    async converges(withinMs) {
      await eventually(
        async () => {
          const { items } = await client.list(CONFIG_MAPS, { namespace });
          assert.deepEqual(versions(informer.store.list()), versions(items));
          assert.deepEqual(versions([...follower.objects.values()]), versions(items));
        },
        { timeoutMs: withinMs },
      );
      assert.deepEqual(logger.values("event handler failed", "err"), []);
    },
  };
}

test("the watch is cut at any byte", async (t) => {
  const { client, proxy, namespace, converges } = await play(t, { retry: { ...QUICK, maxMs: 20 } });
  const writing = churn(client, namespace, 200);
  let over = false;
  void writing.finally(() => (over = true)).catch(() => undefined);
  let cuts = 0;
  for (let bytes = 1; !over; bytes += 37) {
    const rule = proxy.inject({ watch: true, times: 1 }, faults.cut(bytes % 2000));
    proxy.endConnections();
    cuts++;
    await eventually(() => assert.ok(rule.matches > 0), { timeoutMs: 5000, everyMs: 5 });
    await systemClock.sleep(20);
  }
  await writing;
  proxy.clear();
  t.diagnostic(`${cuts} watches cut under 200 writes`);
  assert.ok(cuts > 20);
  await converges(5000);
});

test("a connection that swallows everything is given up 10 s after the watch should have ended", async (t) => {
  const { client, proxy, namespace, converges, ends } = await play(t, { watchSeconds: { min: 1, max: 1 } });
  proxy.inject({ watch: true, times: 1 }, faults.freeze(0));
  proxy.endConnections();
  await eventually(() => assert.ok(proxy.requests({ watch: true }).some((r) => r.faults.includes("freeze"))));
  await churn(client, namespace, 20);
  await converges(15_000);
  assert.ok(ends().includes("silent"), String(ends()));
});

test("410 in the middle of a watch, again and again", async (t) => {
  const { client, proxy, namespace, converges, ends } = await play(t);
  proxy.inject({ watch: true, times: 6 }, faults.gone(3));
  proxy.endConnections();
  await churn(client, namespace, 80);
  await converges(10_000);
  assert.ok(ends().filter((reason) => reason === "expired").length >= 3, String(ends()));
});

test("410 in the middle of a list starts the list again", async (t) => {
  const { proxy, converges, ends } = await play(t, { pageSize: 10 }, async ({ client, namespace, proxy }) => {
    for (let i = 0; i < 35; i++) await client.create(CONFIG_MAPS, { metadata: { name: `map-${i}` } }, { namespace });
    proxy.inject({ watch: false, path: /configmaps/, after: 2, times: 1 }, faults.status(410, "Expired"));
  });
  await converges(5000);
  assert.deepEqual(ends(), ["expired"]);
  assert.equal(proxy.count({ watch: false, path: /configmaps/ }), 3 + 4);
});

for (const [name, fault, reason] of [
  ["429 with Retry-After", faults.tooManyRequests(1), "throttled"],
  ["500", faults.internalError(), "server_error"],
  ["503", faults.unavailable(), "server_error"],
  ["401", faults.status(401, "Unauthorized"), "denied"],
  ["403", faults.status(403, "Forbidden"), "denied"],
  ["a reset connection", faults.reset(), "lost"],
] as const) {
  test(`${name}: on lists at the start, then on watches`, async (t) => {
    const { client, proxy, namespace, converges, ends } = await play(t, {}, ({ proxy }) => {
      proxy.inject({ watch: false, path: /configmaps/, times: 2 }, fault);
    });
    proxy.inject({ watch: true, times: 3 }, fault);
    proxy.endConnections();
    await churn(client, namespace, 40);
    await converges(15_000);
    // 429 is retried by the client itself for as long as its deadline allows.
    if (reason !== "throttled") assert.ok(ends().includes(reason), String(ends()));
  });
}

test("without bookmarks nothing is lost", async (t) => {
  const { client, proxy, namespace, converges } = await play(t, { watchSeconds: { min: 2, max: 3 } });
  proxy.inject({ watch: true }, faults.dropBookmarks());
  proxy.endConnections();
  await systemClock.sleep(7000);
  await churn(client, namespace, 40);
  await converges(5000);
});

test("every line twice", async (t) => {
  const { client, proxy, namespace, converges, ends } = await play(t);
  proxy.inject({ watch: true }, faults.duplicateLines());
  proxy.endConnections();
  await churn(client, namespace, 80);
  await converges(5000);
  assert.ok(!ends().includes("disordered"), String(ends()));
});

test("lines out of order are found out and answered by a list", async (t) => {
  const { client, proxy, namespace, converges, ends } = await play(t);
  proxy.inject({ watch: true }, faults.reorderLines(0.3));
  proxy.endConnections();
  await churn(client, namespace, 120);
  await converges(10_000);
  assert.ok(ends().includes("disordered"), String(ends()));
});

for (const [name, gone] of [
  ["the watch resumes", false],
  ["the watch is too old", true],
] as const) {
  test(`an object made anew under its name while the watch is cut, and ${name}: a deletion and an add`, async (t) => {
    const { client, proxy, namespace, follower, converges } = await play(t, {}, ({ client, namespace }) =>
      client.create(CONFIG_MAPS, { metadata: { name: "phoenix" } }, { namespace }).then(() => undefined),
    );
    const before = follower.objects.get(`${namespace}/phoenix`)?.metadata.uid;
    await proxy.refuse();
    if (gone) proxy.inject({ watch: true, times: 1 }, faults.gone(0));
    await client.delete(CONFIG_MAPS, "phoenix", { namespace });
    const { metadata } = await client.create(CONFIG_MAPS, { metadata: { name: "phoenix" } }, { namespace });
    await systemClock.sleep(300);
    await proxy.listen();
    await converges(5000);
    assert.deepEqual(follower.deletedUids, [before]);
    assert.equal(follower.objects.get(`${namespace}/phoenix`)?.metadata.uid, metadata.uid);
  });
}

test("everything at once", async (t) => {
  const { client, proxy, namespace, converges, ends } = await play(t);
  proxy.inject({ watch: true, probability: 0.3 }, faults.cut(3000));
  proxy.inject({ watch: true, probability: 0.2 }, faults.gone(4));
  proxy.inject({ probability: 0.1 }, faults.internalError());
  proxy.inject({ watch: true, probability: 0.3 }, faults.reorderLines(0.2), faults.duplicateLines(0.2));
  const writing = churn(client, namespace, 300);
  let over = false;
  void writing.finally(() => (over = true)).catch(() => undefined);
  while (!over) {
    proxy.endConnections(Math.random() < 0.5 ? "cut" : "reset");
    await systemClock.sleep(150);
  }
  await writing;
  proxy.clear();
  await converges(10_000);
  t.diagnostic(`ends: ${ends().join(" ")}`);
  assert.ok(new Set(ends()).size >= 3);
});
