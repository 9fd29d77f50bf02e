import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { LABELS, MANAGED_BY, type Workspace } from "@carrel/api";
import {
  CLUSTER_ROLES,
  EVENTS,
  isNotFound,
  NAMESPACES,
  resource,
  SESSIONS,
  WORKSPACES,
  type KubeClient,
  type KubeObject,
  type Resource,
} from "@carrel/kube";
import { eventually, faults, uniqueName, type FaultProxy } from "@carrel/testkit";
import { startReaperBench, type ReaperBench, type StandingSession } from "./support/reaper-bench.ts";

const HOLD = "example.com/outside";
const OF_REAPER = { userAgent: /^carrel-reaper/, watch: false };

/** A kind of somebody's operator, which nobody runs here: the test takes the finalizers off. */
async function aKind(client: KubeClient, scope: "Namespaced" | "Cluster"): Promise<Resource & { apiVersion: string }> {
  const group = `${uniqueName("cloud")}.example.com`;
  const schema = { openAPIV3Schema: { type: "object" } };
  const definitions = resource<KubeObject & { readonly spec: object }>(
    "apiextensions.k8s.io/v1",
    "CustomResourceDefinition",
    "customresourcedefinitions",
    false,
  );
  const names = { plural: "machines", singular: "machine", kind: "Machine" };
  await client.create(definitions, {
    metadata: { name: `machines.${group}` },
    spec: { group, scope, names, versions: [{ name: "v1", served: true, storage: true, schema }] },
  });
  const of = resource(`${group}/v1`, "Machine", "machines", scope === "Namespaced");
  await eventually(() => client.list(of), { timeoutMs: 20_000 });
  return { ...of, apiVersion: `${group}/v1` };
}

const machine = (of: { apiVersion: string }, timeout: string): never =>
  ({
    name: "machine",
    template: { apiVersion: of.apiVersion, kind: "Machine", metadata: { name: "machine" } },
    finalizedExternally: { timeout },
  }) as unknown as never;

const ownLabels = ({ metadata }: Workspace): Record<string, string> => ({
  [LABELS.managedBy]: MANAGED_BY,
  [LABELS.workspace]: metadata.name,
  [LABELS.workspaceUid]: metadata.uid ?? "",
});

async function untilEnded({ client }: ReaperBench, { session, workspace }: StandingSession): Promise<void> {
  await eventually(
    async () => assert.equal((await client.get(SESSIONS, session.metadata.name)).status?.phase, "Ended"),
    { timeoutMs: 180_000 },
  );
  await assert.rejects(client.get(WORKSPACES, workspace.metadata.name), isNotFound);
  await assert.rejects(client.get(NAMESPACES, workspace.metadata.name), isNotFound);
}

/** Where the first call stands among the reaper's. */
function order(proxy: FaultProxy, method: string, path: RegExp): number {
  return proxy.requests(OF_REAPER).findIndex((request) => request.method === method && path.test(request.path));
}

async function notesOf(client: KubeClient, { metadata }: Workspace, reason: string): Promise<readonly string[]> {
  const { items } = await client.list(EVENTS, { namespace: "default" });
  return items
    .filter((event) => event.regarding?.uid === metadata.uid && event.reason === reason)
    .map(({ note = "" }) => note);
}

suite("what a template brought along, at the end", { timeout: 600_000 }, () => {
  test("what is finalised outside is deleted first, a learner's own too, and waited for", async (t) => {
    await using bench = await startReaperBench(t);
    const { client, proxy } = bench;
    const of = await aKind(client, "Namespaced");
    const standing = await bench.standingSession({ objects: [machine(of, "60s")] });
    const namespace = standing.workspace.metadata.name;
    const finalizers = [HOLD];
    const names = ["machine", "learners", "plain"];
    await client.create(
      of,
      { metadata: { name: "machine", finalizers, labels: ownLabels(standing.workspace) } },
      { namespace },
    );
    await client.create(of, { metadata: { name: "learners", finalizers } }, { namespace });
    await client.create(of, { metadata: { name: "plain" } }, { namespace });
    proxy.clearRequests();
    await bench.end(standing.session);
    for (const name of names.slice(0, 2)) {
      await eventually(async () => assert.ok((await client.get(of, name, { namespace })).metadata.deletionTimestamp));
    }
    // It has looked again since, and still waits.
    await eventually(() => assert.ok(proxy.count({ ...OF_REAPER, path: /machines$/ }) >= 3));
    assert.equal((await client.get(NAMESPACES, namespace)).metadata.deletionTimestamp, undefined);
    for (const name of names.slice(0, 2)) {
      await client.mergePatch(of, name, { metadata: { finalizers: null } }, { namespace });
    }
    await untilEnded(bench, standing);
    const [first, then] = [order(proxy, "DELETE", /machines\/machine$/), order(proxy, "DELETE", /namespaces\/w[^/]+$/)];
    assert.ok(first >= 0 && first < then, `machine ${first}, namespace ${then}`);
    assert.equal(proxy.count({ ...OF_REAPER, method: "DELETE", path: /machines\// }), 2, "each once");
    assert.deepEqual(await notesOf(client, standing.workspace, "TeardownBlocked"), []);
  });

  test("one that never finishes is named after its time, its finalizer stays, and the namespaces go", async (t) => {
    await using bench = await startReaperBench(t);
    const { client } = bench;
    const of = await aKind(client, "Namespaced");
    const standing = await bench.standingSession({ objects: [machine(of, "2s")] });
    const namespace = standing.workspace.metadata.name;
    const labels = ownLabels(standing.workspace);
    await client.create(of, { metadata: { name: "machine", finalizers: [HOLD], labels } }, { namespace });
    await bench.end(standing.session);
    await eventually(async () => assert.ok((await client.get(NAMESPACES, namespace)).metadata.deletionTimestamp), {
      timeoutMs: 20_000,
    });
    await eventually(async () => {
      const [note = ""] = await notesOf(client, standing.workspace, "TeardownBlocked");
      assert.match(note, new RegExp(`Machine machine in ${namespace} \\(finalizers ${HOLD}\\)`));
    });
    // The namespace cannot go, and what keeps it is told as well.
    await eventually(
      async () => {
        const notes = await notesOf(client, standing.workspace, "NamespaceStuck");
        assert.ok(
          notes.some((note) => note.includes(`namespace ${namespace}: `) && note.includes(HOLD)),
          notes.join(),
        );
      },
      { timeoutMs: 60_000 },
    );
    assert.deepEqual((await client.get(of, "machine", { namespace })).metadata.finalizers, [HOLD]);
    await client.mergePatch(of, "machine", { metadata: { finalizers: null } }, { namespace });
    await untilEnded(bench, standing);
  });

  test("what is cluster-scoped goes by the workspace's UID, and the Workspace after it; others' stays", async (t) => {
    await using bench = await startReaperBench(t);
    const { client } = bench;
    const of = await aKind(client, "Cluster");
    const rules = [{ apiGroups: ["example.com"], resources: ["tides"], verbs: ["get"] }];
    const standing = await bench.standingSession({ objects: [machine(of, "2s")], clusterRules: rules });
    const { name } = standing.workspace.metadata;
    const labels = ownLabels(standing.workspace);
    await client.create(of, { metadata: { name: `held-${name}`, labels, finalizers: [HOLD] } });
    await client.create(CLUSTER_ROLES, { metadata: { name: `carrel-${name}`, labels }, rules });
    const strangers = { ...labels, [LABELS.workspaceUid]: "another" };
    const other = await client.create(of, { metadata: { name: `other-${name}`, labels: strangers } });
    await bench.end(standing.session);
    await eventually(() => assert.rejects(client.get(NAMESPACES, name), isNotFound), { timeoutMs: 60_000 });
    await eventually(async () => assert.ok((await client.get(of, `held-${name}`)).metadata.deletionTimestamp));
    assert.ok((await client.get(WORKSPACES, name)).metadata.deletionTimestamp);
    await client.mergePatch(of, `held-${name}`, { metadata: { finalizers: null } });
    await untilEnded(bench, standing);
    await assert.rejects(client.get(of, `held-${name}`), isNotFound);
    await assert.rejects(client.get(CLUSTER_ROLES, `carrel-${name}`), isNotFound);
    assert.equal((await client.get(of, `other-${name}`)).metadata.uid, other.metadata.uid);
  });

  test("a kind that the reaper may not list, or whose API is down, is named and holds nothing up", async (t) => {
    await using bench = await startReaperBench(t);
    const { client, proxy } = bench;
    const of = await aKind(client, "Namespaced");
    const faulty = { forbidden: faults.status(403, "Forbidden"), down: faults.unavailable() };
    for (const [what, fault] of Object.entries(faulty)) {
      const standing = await bench.standingSession({ objects: [machine(of, "2s")] });
      const injected = proxy.inject({ ...OF_REAPER, method: "GET", path: /machines$/ }, fault);
      await bench.end(standing.session);
      await untilEnded(bench, standing);
      await eventually(async () => {
        const [note = ""] = await notesOf(client, standing.workspace, "TeardownBlocked");
        assert.match(note, /not gone after \d+ s, the namespaces go all the same: Machine: /, what);
      });
      injected.remove();
    }
  });

  test("killed after any call, the next life ends it, and nothing is left", async (t) => {
    await using bench = await startReaperBench(t);
    const { client, proxy, reaper } = bench;
    const inside = await aKind(client, "Namespaced");
    const outside = await aKind(client, "Cluster");
    const objects = [machine(inside, "60s"), { ...(machine(outside, "1s") as object), name: "wide" } as never];
    const ends: Promise<void>[] = [];
    for (let kill = 0; ; kill++) {
      const standing = await bench.standingSession({ objects });
      const { name } = standing.workspace.metadata;
      const labels = ownLabels(standing.workspace);
      await client.create(inside, { metadata: { name: "machine", labels } }, { namespace: name });
      await client.create(outside, { metadata: { name: `wide-${name}`, labels } });
      // The answer never comes, and nothing more is said about this session.
      const calls = { ...OF_REAPER, path: new RegExp(`^(?!.*/events).*(${name}|${standing.session.metadata.name})`) };
      const last = proxy.inject({ ...calls, after: kill, times: 1 }, faults.resetAfterAnswer());
      const silence = proxy.inject({ ...calls, after: kill + 1 }, faults.reset());
      await bench.end(standing.session);
      const ended = untilEnded(bench, standing).then(() =>
        assert.rejects(client.get(outside, `wide-${name}`), isNotFound),
      );
      ended.catch(() => undefined);
      ends.push(ended);
      let isOver = false;
      const cut = eventually(() => assert.ok(last.hits > 0 || isOver), { timeoutMs: 120_000 });
      await Promise.race([ended, cut.catch(() => undefined)]);
      // Nobody goes on looking after the last one.
      isOver = true;
      if (last.hits === 0) break;
      // The sessions before it may be anywhere in theirs.
      await reaper.kill();
      for (const fault of [last, silence]) fault.remove();
      await reaper.start();
    }
    await Promise.all(ends);
    const kills = ends.length - 1;
    assert.ok(kills >= 9, `${kills} calls were cut`);
  });
});
