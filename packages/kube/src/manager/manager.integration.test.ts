import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { hasCode, systemClock } from "@carrel/std";
import { eventually, sharedControlPlane, uniqueName } from "@carrel/testkit";
import type { KubeClient } from "../client/kube-client.ts";
import { resource } from "../client/resource.ts";
import { CONFIG_MAPS, LEASES, PODS } from "../client/resources/index.ts";
import { watching } from "../controller/watching.ts";
import { connect, makeNamespace } from "../runtime/testing/test-access.ts";
import { Manager, type ManagerOptions } from "./manager.ts";
import type { Runnable } from "./runnable.ts";

async function setUp(t: TestContext): Promise<{ client: KubeClient; namespace: string }> {
  const client = connect(t, (await sharedControlPlane()).kubeconfig);
  return { client, namespace: await makeNamespace(client) };
}

function start(t: TestContext, manager: Manager): { stop: AbortController; running: Promise<void> } {
  const stop = new AbortController();
  const running = manager.run(stop.signal);
  running.catch(() => undefined);
  t.after(async () => {
    stop.abort();
    await running.catch(() => undefined);
  });
  return { stop, running };
}

/** Notes when it starts and stops; `takesMs` to stop. */
function noting(notes: string[], name: string, takesMs = 0): Runnable {
  return {
    name,
    async run(signal) {
      notes.push(`+${name}`);
      await systemClock.sleep(3_600_000, signal).catch(() => undefined);
      await systemClock.sleep(takesMs);
      notes.push(`-${name}`);
    },
  };
}

test("it starts caches, then what runs everywhere, then what is elected; it stops in reverse, the lease last", async (t) => {
  const { client, namespace } = await setUp(t);
  await client.create(CONFIG_MAPS, { metadata: { name: "a" } }, { namespace });
  const manager = new Manager({ client, election: { namespace, name: "test", identity: "me" } });
  const maps = manager.informer(CONFIG_MAPS, { namespace });
  const notes: string[] = [];
  manager.add(noting(notes, "elected", 100), { elected: true });
  manager.add({
    name: "everywhere",
    async run(signal) {
      assert.equal(maps.store.size, 1);
      await noting(notes, "everywhere", 50).run(signal);
      const { spec } = await client.get(LEASES, "test", { namespace });
      assert.equal(spec?.holderIdentity, "me", "the lease is still held");
    },
  });
  assert.deepEqual(manager.ready(), { ok: false, problems: ["manager is new", "configmaps are not listed yet"] });
  const { stop, running } = start(t, manager);
  await eventually(() => assert.deepEqual(notes, ["+everywhere", "+elected"]));
  assert.deepEqual(manager.ready(), { ok: true, problems: [] });
  assert.deepEqual(manager.live(), { ok: true, problems: [] });
  assert.equal(manager.isLeader(), true);

  stop.abort();
  await systemClock.sleep(10);
  assert.equal(manager.ready().ok, false);
  await running;
  assert.deepEqual(notes, ["+everywhere", "+elected", "-elected", "-everywhere"]);
  assert.equal((await client.get(LEASES, "test", { namespace })).spec?.holderIdentity, "");
});

test("informers are shared by kind and selection; one that is asked for later starts at once", async (t) => {
  const { client, namespace } = await setUp(t);
  const manager = new Manager({ client });
  const maps = manager.informer(CONFIG_MAPS, { namespace });
  const index = { name: (map: { metadata: { name: string } }): readonly string[] => [map.metadata.name] };
  assert.equal(manager.informer(CONFIG_MAPS, { namespace, indexes: index }), maps);
  assert.notEqual(manager.informer(CONFIG_MAPS, { namespace, labelSelector: "a=b" }), maps);
  assert.deepEqual(maps.store.byIndex("name", "x"), []);
  start(t, manager);
  await eventually(() => assert.equal(manager.ready().ok, true));
  const pods = manager.informer(PODS, { namespace });
  await pods.waitForSync(AbortSignal.timeout(10_000));
});

test("caches that do not fill end the start, and say which", async (t) => {
  const { client } = await setUp(t);
  const manager = new Manager({ client, syncTimeoutMs: 1500 });
  manager.informer(CONFIG_MAPS, { namespace: "default" });
  manager.informer(resource("carrel.dev/v1", "Nothing", "nothings", false));
  manager.add({ name: "never", run: () => assert.fail("must not start") });
  await assert.rejects(manager.run(new AbortController().signal), (error) => {
    assert.ok(hasCode(error, "SYNC_TIMEOUT"));
    assert.match(error.message, /after 1500 ms: nothings are not listed yet$/);
    return true;
  });
});

test("stopping before the caches are complete is an ordinary end", async (t) => {
  const { client } = await setUp(t);
  const manager = new Manager({ client });
  manager.informer(resource("carrel.dev/v1", "Nothing", "nothings", false));
  const { stop, running } = start(t, manager);
  await systemClock.sleep(300);
  stop.abort();
  await running;
});

test("a runnable that fails, or just ends, stops everything and is the reason", async (t) => {
  const { client } = await setUp(t);
  for (const [run, expected] of [
    [() => Promise.reject(new Error("broken pipe")), /broken pipe/],
    [() => Promise.resolve(), /early ended by itself/],
  ] as const) {
    const notes: string[] = [];
    const manager = new Manager({ client });
    manager.add(noting(notes, "other"));
    manager.add({ name: "early", run: () => systemClock.sleep(50).then(run) });
    await assert.rejects(manager.run(new AbortController().signal), expected);
    assert.deepEqual(notes, ["+other", "-other"]);
  }
});

test("what does not stop is named, and its lease is not released", async (t) => {
  const { client, namespace } = await setUp(t);
  const options: ManagerOptions = { client, stopTimeoutMs: 300, election: { namespace, name: "test", identity: "me" } };
  const manager = new Manager(options);
  const release = Promise.withResolvers<void>();
  t.after(() => release.resolve());
  manager.add({ name: "stubborn", run: () => release.promise }, { elected: true });
  const { stop, running } = start(t, manager);
  await eventually(() => assert.equal(manager.isLeader(), true));
  stop.abort();
  await assert.rejects(running, (error) => hasCode(error, "STOP_TIMEOUT") && /stubborn/.test(error.message));
  assert.equal((await client.get(LEASES, "test", { namespace })).spec?.holderIdentity, "me");
});

test("a lost lease stops what was elected, then the manager", async (t) => {
  const { client, namespace } = await setUp(t);
  const notes: string[] = [];
  const manager = new Manager({ client, election: { namespace, name: "test", identity: "me" } });
  manager.add(noting(notes, "elected"), { elected: true });
  const { running } = start(t, manager);
  await eventually(() => assert.deepEqual(notes, ["+elected"]));
  await client.mergePatch(LEASES, "test", { spec: { holderIdentity: "usurper" } }, { namespace });
  await assert.rejects(running, (error) => hasCode(error, "LEADERSHIP_LOST"));
  assert.deepEqual(notes, ["+elected", "-elected"]);
  assert.equal((await client.get(LEASES, "test", { namespace })).spec?.holderIdentity, "usurper");
});

test("a controller of a manager is woken by its watches and by hand", async (t) => {
  const { client, namespace } = await setUp(t);
  const manager = new Manager({ client });
  const maps = manager.informer(CONFIG_MAPS, { namespace });
  const seen: string[] = [];
  const controller = manager.addController({
    name: "maps",
    watches: [watching(maps, ({ metadata }) => [metadata.labels?.["owner"] ?? metadata.name])],
    reconcile: (key) => void seen.push(key),
  });
  start(t, manager);
  await client.create(CONFIG_MAPS, { metadata: { name: "a", labels: { owner: "x" } } }, { namespace });
  await eventually(() => assert.ok(seen.includes("x")));
  await client.mergePatch(CONFIG_MAPS, "a", { metadata: { labels: { owner: "y" } } }, { namespace });
  await eventually(() => assert.ok(seen.includes("y") && seen.filter((key) => key === "x").length >= 2));
  controller.enqueue("by hand");
  await eventually(() => assert.ok(seen.includes("by hand")));
  assert.throws(() => manager.add({ name: uniqueName("late"), run: () => Promise.resolve() }), /after the start/);
});
