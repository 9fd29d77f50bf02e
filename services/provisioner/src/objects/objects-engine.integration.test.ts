import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { LABELS, secretParametersName, type TemplateObject } from "@carrel/api";
import { CONFIG_MAPS, isNotFound, SECRETS, WORKSPACES } from "@carrel/kube";
import { systemClock } from "@carrel/std";
import { faults, uniqueName } from "@carrel/testkit";
import type { ObjectsOutcome } from "../controllers/workspace/objects-port.ts";
import type { ObjectsContext, TemplateObjects } from "./objects-engine.ts";
import { objectsBench } from "./testing/objects-bench.ts";

type Given = Partial<Omit<TemplateObject, "template">> & { readonly template: object };
const object = (name: string, { template, ...given }: Given): never =>
  ({ name, ...given, template }) as unknown as never;
const note = (name: string, data: Record<string, string> = {}, given: Partial<Given> = {}): never =>
  object(name, { template: { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data }, ...given });

/** Asks until the engine has nothing left to do, as its controller would. */
async function finish(t: TestContext, engine: TemplateObjects, context: ObjectsContext): Promise<ObjectsOutcome> {
  for (let round = 0; round < 400; round++) {
    const outcome = await engine.reconcile(context, "claim", t.signal);
    if (outcome.done || outcome.failure !== undefined) return outcome;
    await systemClock.sleep(outcome.pollAfterMs ?? 0, t.signal);
  }
  throw new Error("it never came to an end");
}
const states = ({ objects }: ObjectsOutcome): Record<string, string> =>
  Object.fromEntries(objects.map(({ name, state }) => [name, state]));

test("thirty objects at once, a chain, a condition, outputs: one call for each object", async (t) => {
  const bench = await objectsBench(t);
  const { apiVersion, of } = await bench.waves();
  const many = Array.from({ length: 30 }, (_, index) => `n${index}`);
  const wave = { apiVersion, kind: "Wave", metadata: { name: "first" }, spec: { height: 3 } };
  const context = await bench.workspace({
    namespaces: [{ name: "lab" }],
    objects: [
      ...many.map((name) => note(name)),
      object("first", {
        template: wave,
        waitFor: { condition: "Ready", timeout: "1m" },
        outputs: { address: "status.address", height: "spec.height" },
      }),
      note("second", {}, { after: ["first"] }),
      object("third", {
        template: {
          ...wave,
          metadata: { name: "third", namespace: "$(namespaces.lab)" },
          spec: { to: "$(outputs.first.address)" },
        },
      }),
      note("leftout", {}, { when: "$(lower('NO'))", outputs: { x: "data.x" } }),
      note("fourth", { x: "<$(outputs.leftout.x)>" }, { after: ["second", "third"] }),
    ],
  });
  const engine = bench.engine();
  const first = await engine.reconcile(context, "build", t.signal);
  assert.equal(first.done, false);
  assert.ok((first.pollAfterMs ?? 0) > 0);
  assert.deepEqual(
    [...new Set(many.map((name) => states(first)[name])), states(first)["first"], states(first)["second"]],
    ["Ready", "Waiting", undefined],
  );
  assert.equal(first.objects.find(({ name }) => name === "first")?.message, "the condition Ready is not there");

  const namespace = context.workspace.metadata.name;
  await bench.report(of, "first", namespace, {
    address: "10.1.2.3",
    conditions: [{ type: "Ready", status: "True" }],
  });
  const last = await finish(t, engine, context);
  assert.deepEqual(new Set(Object.values(states(last))), new Set(["Ready", "Skipped"]));
  assert.deepEqual(last.outputs, { "first.address": "10.1.2.3", "first.height": "3", "leftout.x": "" });
  const third = await bench.client.get(of, "third", { namespace: `${namespace}-lab` });
  assert.equal(third.spec?.to, "10.1.2.3");
  const { metadata } = await bench.client.get(CONFIG_MAPS, "fourth", { namespace });
  assert.equal(metadata.labels?.[LABELS.object], "fourth");
  assert.equal(metadata.labels?.[LABELS.workspaceUid], context.workspace.metadata.uid);
  await assert.rejects(bench.client.get(CONFIG_MAPS, "leftout", { namespace }), isNotFound);

  assert.equal(bench.proxy.count({ method: "POST" }), 34, "one create for each object that is not left out");
  const calls = bench.proxy.count();
  const again = await engine.reconcile(context, "claim", t.signal);
  assert.equal(again.done, true);
  assert.equal(bench.proxy.count(), calls, "nothing is asked again");
  assert.deepEqual(states(again), states(last));
});

test("a process that remembers nothing goes on from the status without a call", async (t) => {
  const bench = await objectsBench(t);
  const context = await bench.workspace({ objects: [note("a", { x: "1" }, { outputs: { x: "data.x" } }), note("b")] });
  const { objects, outputs } = await finish(t, bench.engine(), context);
  const status = { objects, outputs: { ...outputs } };
  bench.proxy.clearRequests();
  const resumed = { ...context, workspace: { ...context.workspace, status } };
  assert.equal((await bench.engine().reconcile(resumed, "claim", t.signal)).done, true);
  assert.equal(bench.proxy.count(), 0);
});

const refusals: [string, object, RegExp][] = [
  ["a field that breaks its schema", { spec: { height: -1 } }, /bad \(Wave x in w\w+\): .*spec\.height/],
  ["a field that does not exist", { spec: { heihgt: 1 } }, /strict decoding error: unknown field "spec\.heihgt"/],
  ["an owner", { metadata: { name: "x", ownerReferences: [] } }, /metadata\.ownerReferences must not be set/],
  ["a name that the API server makes", { metadata: { generateName: "x" } }, /generateName must not be set/],
  ["a label of Carrel's", { metadata: { name: "x", labels: { "carrel.dev/workspace": "y" } } }, /belongs to Carrel/],
];
for (const [what, change, message] of refusals) {
  test(`${what} fails at once and says why; nothing that comes after is created`, async (t) => {
    const bench = await objectsBench(t);
    const { apiVersion } = await bench.waves();
    const context = await bench.workspace({
      objects: [
        object("bad", { template: { apiVersion, kind: "Wave", metadata: { name: "x" }, ...change } }),
        note("next", {}, { after: ["bad"] }),
      ],
    });
    const outcome = await bench.engine().reconcile(context, "build", t.signal);
    assert.match(outcome.failure ?? "", message);
    assert.equal(outcome.reason, "ObjectsFailed");
    assert.deepEqual(states(outcome), { bad: "Failed" });
    const namespace = context.workspace.metadata.name;
    await assert.rejects(bench.client.get(CONFIG_MAPS, "next", { namespace }), isNotFound);
  });
}

test("an object elsewhere than in the session's namespaces is refused", async (t) => {
  const bench = await objectsBench(t);
  const template = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x", namespace: "kube-system" } };
  const context = await bench.workspace({ objects: [object("bad", { template })] });
  const outcome = await bench.engine().reconcile(context, "build", t.signal);
  assert.match(outcome.failure ?? "", /would be in kube-system, which is no namespace of the session/);
});

test("what has the name already is left alone, a stranger's and Carrel's own alike", async (t) => {
  const bench = await objectsBench(t);
  const context = await bench.workspace({ objects: [note("theirs", { x: "ours" })] });
  const { name: namespace, uid = "" } = context.workspace.metadata;
  for (const labels of [{}, { [LABELS.workspaceUid]: uid }, { [LABELS.workspaceUid]: uid, [LABELS.object]: "other" }]) {
    await bench.client.create(CONFIG_MAPS, { metadata: { name: "theirs", namespace, labels }, data: { x: "theirs" } });
    const outcome = await bench.engine().reconcile(context, "build", t.signal);
    assert.equal(outcome.reason, "NameTaken");
    assert.match(outcome.failure ?? "", /ConfigMap theirs exists in w\w+ and is not of this template/);
    const found = await bench.client.get(CONFIG_MAPS, "theirs", { namespace });
    assert.deepEqual([found.data, found.metadata.labels ?? {}], [{ x: "theirs" }, labels]);
    await bench.client.delete(CONFIG_MAPS, "theirs", { namespace });
  }
});

test("cluster-scoped: only kinds of the ceiling, with the workspace's name in theirs, owned by the Workspace", async (t) => {
  const bench = await objectsBench(t);
  const { apiVersion, of } = await bench.waves("Cluster");
  const wave = (name: string): object => ({ apiVersion, kind: "ClusterWave", metadata: { name } });
  const good = await bench.workspace({ objects: [object("w", { template: wave("sea-$(workspace.name)") })] });
  assert.equal((await bench.engine().reconcile(good, "build", t.signal)).done, true);
  const { name, uid } = good.workspace.metadata;
  const { metadata } = await bench.client.get(of, `sea-${name}`);
  assert.deepEqual(
    metadata.ownerReferences?.map((owner) => [owner.kind, owner.uid]),
    [["Workspace", uid]],
  );
  assert.equal(metadata.labels?.[LABELS.workspaceUid], uid);

  const plain = await bench.workspace({ objects: [object("w", { template: wave("sea") })] });
  const unnamed = await bench.engine().reconcile(plain, "build", t.signal);
  assert.match(unnamed.failure ?? "", /\$\(workspace\.name\) must be in its name/);
  const role = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole" };
  const foreign = await bench.workspace({
    objects: [object("w", { template: { ...role, metadata: { name: "x-$(workspace.name)" }, rules: [] } })],
  });
  const refused = await bench.engine().reconcile(foreign, "build", t.signal);
  assert.match(refused.failure ?? "", /not among the ceiling's clusterObjects/);
});

test("the time of an object counts from its creation, whoever looks, and the last that was seen is told", async (t) => {
  const bench = await objectsBench(t);
  const { apiVersion, of } = await bench.waves();
  const context = await bench.workspace({
    objects: [
      object("slow", {
        template: { apiVersion, kind: "Wave", metadata: { name: "slow" } },
        waitFor: { condition: "Ready", timeout: "2m" },
      }),
    ],
  });
  assert.equal((await bench.engine().reconcile(context, "build", t.signal)).failure, undefined);
  const condition = { type: "Ready", status: "False", reason: "NoWind" };
  await bench.report(of, "slow", context.workspace.metadata.name, { conditions: [condition] });
  const early = await bench.engine({ aheadMs: () => 110_000 }).reconcile(context, "build", t.signal);
  assert.equal(early.failure, undefined);
  const late = await bench.engine({ aheadMs: () => 121_000 }).reconcile(context, "build", t.signal);
  const namespace = context.workspace.metadata.name;
  assert.equal(
    late.failure,
    `slow (Wave slow in ${namespace}): not ready after 2m: the condition Ready is False (NoWind)`,
  );
});

test("an object that is deleted while it is waited for fails", async (t) => {
  const bench = await objectsBench(t);
  const { apiVersion, of } = await bench.waves();
  const template = { apiVersion, kind: "Wave", metadata: { name: "gone" } };
  const context = await bench.workspace({
    objects: [object("gone", { template, waitFor: { path: "status.address", timeout: "2m" } })],
  });
  const engine = bench.engine();
  await engine.reconcile(context, "build", t.signal);
  await bench.client.delete(of, "gone", { namespace: context.workspace.metadata.name });
  assert.match((await finish(t, engine, context)).failure ?? "", /deleted before it was ready/);
});

test("what may pass is tried again: an overloaded API server, a webhook that is down, a kind that comes later", async (t) => {
  const bench = await objectsBench(t);
  const context = await bench.workspace({ objects: [note("a"), note("b")] });
  bench.proxy.inject({ method: "POST", path: /configmaps$/, times: 3 }, faults.internalError());
  const engine = bench.engine();
  const first = await engine.reconcile(context, "build", t.signal);
  assert.deepEqual(states(first), { a: "Waiting", b: "Waiting" });
  assert.ok((first.pollAfterMs ?? 0) > 0);
  assert.equal((await finish(t, engine, context)).done, true);
  assert.equal(bench.proxy.count({ method: "POST" }), 5);

  const { apiVersion } = await bench.waves();
  const kind = { apiVersion: apiVersion.replace("/v1", "/v2"), kind: "Wave", metadata: { name: "x" } };
  const early = await bench.workspace({ objects: [object("early", { template: kind })] });
  const waiting = await bench.engine().reconcile(early, "build", t.signal);
  assert.match(waiting.objects[0]?.message ?? "", /serves no Wave of .*\/v2/);
  assert.equal(waiting.failure, undefined);
});

test("killed after any call: it converges, and nothing is created twice", async (t) => {
  const bench = await objectsBench(t);
  const { apiVersion } = await bench.waves();
  const wave = { apiVersion, kind: "Wave", metadata: { name: "c" }, spec: { height: 1 } };
  const objects = [
    note("a", {}, { outputs: { uid: "metadata.uid" } }),
    note("b", { a: "$(outputs.a.uid)" }),
    object("c", { template: wave, after: ["b"], waitFor: { path: "spec.height", value: "1", timeout: "1m" } }),
  ];
  let kills = 0;
  for (let kill = 0; ; kill++) {
    const context = await bench.workspace({ objects });
    bench.proxy.clearRequests();
    // The answer never comes, and nothing more is said: whoever waited for it is gone, and another begins anew.
    const last = bench.proxy.inject({ after: kill, times: 1 }, faults.resetAfterAnswer());
    const silence = bench.proxy.inject({ after: kill + 1 }, faults.reset());
    await bench
      .engine()
      .reconcile(context, "claim", t.signal)
      .catch(() => undefined);
    silence.remove();
    const outcome = await finish(t, bench.engine(), context);
    assert.equal(outcome.done, true, `killed after call ${kill}`);
    const made = bench.proxy.requests({ method: "POST" }).filter(({ status }) => status === 201);
    assert.equal(made.length, objects.length);
    const namespace = context.workspace.metadata.name;
    const labelSelector = `${LABELS.workspaceUid}=${context.workspace.metadata.uid}`;
    const maps = await bench.client.list(CONFIG_MAPS, { namespace, labelSelector });
    assert.equal(maps.items.length, 2);
    if (last.hits === 0) break;
    last.remove();
    kills++;
  }
  assert.ok(kills >= objects.length + 2, `${kills} calls were cut`);
});

test("secret parameters are read when a Secret needs them, and stand nowhere else", async (t) => {
  const bench = await objectsBench(t);
  const session = uniqueName("s");
  const parameters = [{ name: "token", secret: true }];
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "keys" } };
  const template = { ...secret, stringData: { token: "$(parameters.token)" } };
  const context = await bench.workspace(
    { parameters, objects: [object("keys", { template }), note("plain")] },
    { "session.name": session },
  );
  const engine = bench.engine();
  const early = await engine.reconcile(context, "claim", t.signal);
  assert.deepEqual(states(early), { keys: "Waiting", plain: "Ready" });
  await bench.client.create(SECRETS, {
    metadata: { name: secretParametersName(session), namespace: "default" },
    stringData: { token: "hush-hush" },
  });
  const outcome = await finish(t, engine, context);
  const made = await bench.client.get(SECRETS, "keys", { namespace: context.workspace.metadata.name });
  assert.equal(Buffer.from(made.data?.["token"] ?? "", "base64").toString(), "hush-hush");
  assert.ok(!JSON.stringify(outcome).includes("hush"));
  const stored = await bench.client.get(WORKSPACES, context.workspace.metadata.name);
  assert.ok(!JSON.stringify(stored).includes("hush"));

  const leak = await bench.workspace(
    { parameters, objects: [note("leak", { x: "$(parameters.token)" })] },
    { "session.name": session },
  );
  const refused = await bench.engine().reconcile(leak, "claim", t.signal);
  assert.match(refused.failure ?? "", /only a Secret may use a secret parameter/);
});
