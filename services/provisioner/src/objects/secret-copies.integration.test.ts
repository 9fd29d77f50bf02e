import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { ANNOTATIONS, LABELS, type CopiedSecret } from "@carrel/api";
import { Manager, NAMESPACES, SECRETS, WORKSPACES, type Secret } from "@carrel/kube";
import { eventually, faults, uniqueName } from "@carrel/testkit";
import { addSecretCopies } from "./add-secret-copies.ts";
import type { ObjectsContext } from "./objects-engine.ts";
import type { SharedSecrets } from "./shared-secrets.ts";
import { objectsBench, type ObjectsBench } from "./testing/objects-bench.ts";

const text = (secret: Secret, key: string): string => Buffer.from(secret.data?.[key] ?? "", "base64").toString();

interface Scene {
  readonly bench: ObjectsBench;
  /** The one that the operator shares from. */
  readonly namespace: string;
  readonly shared: SharedSecrets;
  readonly source: (name: string, sharedWith: string | undefined, data?: Record<string, string>) => Promise<Secret>;
  readonly workspace: (...secrets: Partial<CopiedSecret>[]) => Promise<ObjectsContext>;
  readonly copy: (context: ObjectsContext, name: string, alias?: string) => Promise<Secret>;
}

/** A provisioner's caches and controller, running, with one namespace to share from. */
async function scene(t: TestContext): Promise<Scene> {
  const bench = await objectsBench(t);
  const { client } = bench;
  const namespace = uniqueName("shared");
  await client.create(NAMESPACES, { metadata: { name: namespace } });
  const manager = new Manager({ client: bench.counted });
  const workspaces = manager.informer(WORKSPACES);
  // Another one is shared as well, but may not be read: it was deleted with the rights in it.
  bench.proxy.inject({ path: /\/namespaces\/deleted\// }, faults.status(403, "Forbidden"));
  const shared = addSecretCopies(manager, workspaces, ["deleted", namespace]);
  const stop = new AbortController();
  const running = manager.run(stop.signal);
  t.after(async () => {
    stop.abort();
    await running;
  });
  await eventually(() => assert.ok(manager.ready().ok));
  // The cache is listed once it is watched.
  const watched = { path: new RegExp(`/namespaces/${namespace}/secrets$`), watch: true };
  await eventually(() => assert.ok(bench.proxy.count(watched) > 0));
  return {
    bench,
    namespace,
    shared,
    source: (name, sharedWith, data = { user: "ada", password: "one" }) =>
      client.create(SECRETS, {
        metadata: {
          name,
          namespace,
          ...(sharedWith === undefined ? {} : { annotations: { [ANNOTATIONS.sharedWith]: sharedWith } }),
        },
        stringData: data,
      }),
    workspace: (...secrets) =>
      bench.workspace({
        namespaces: [{ name: "lab" }],
        secrets: secrets.map((secret) => ({ from: { namespace, name: "source" }, ...secret })),
      }),
    copy: ({ workspace: { metadata } }, name, alias) =>
      client.get(SECRETS, name, { namespace: alias === undefined ? metadata.name : `${metadata.name}-${alias}` }),
  };
}

test("a Secret that consents is copied, and its copies follow it", async (t) => {
  const { bench, shared, source, workspace, copy, namespace } = await scene(t);
  await source("source", "other, wa*");
  const context = await workspace({ namespaces: ["primary", "lab"] }, { to: "narrow", keys: ["user"] });
  const engine = bench.engine({ shared });
  assert.equal((await engine.reconcile(context, "build", t.signal)).done, true);
  for (const alias of [undefined, "lab"]) {
    const made = await copy(context, "source", alias);
    assert.equal(text(made, "password"), "one");
    assert.equal(made.metadata.labels?.[LABELS.workspaceUid], context.workspace.metadata.uid);
    assert.equal(made.metadata.annotations?.[ANNOTATIONS.copiedFrom], `${namespace}/source`);
    assert.equal(made.metadata.annotations?.[ANNOTATIONS.sharedWith], undefined);
  }
  assert.deepEqual(Object.keys((await copy(context, "narrow")).data ?? {}), ["user"]);

  await bench.client.mergePatch(SECRETS, "source", { stringData: { user: "eve", password: "two" } }, { namespace });
  await eventually(async () => {
    assert.equal(text(await copy(context, "source"), "password"), "two");
    assert.equal(text(await copy(context, "source", "lab"), "password"), "two");
    const narrow = await copy(context, "narrow");
    assert.deepEqual([Object.keys(narrow.data ?? {}), text(narrow, "user")], [["user"], "eve"]);
  });
  assert.equal(bench.proxy.count({ method: "PATCH", path: /secrets/ }), 3, "one write for each copy");
});

test("without consent there is no copy, and the same words whether or not the Secret exists", async (t) => {
  const { bench, shared, source, workspace } = await scene(t);
  await source("private", undefined);
  await source("foreign", "other");
  const refusal = async (from: CopiedSecret["from"]): Promise<string> => {
    const context = await workspace({ from });
    const { failure, reason } = await bench.engine({ shared }).reconcile(context, "build", t.signal);
    assert.equal(reason, "SourceMissing");
    return (failure ?? "").replace(`${from.namespace}/${from.name}`, "X");
  };
  const { namespace } = (await source("source", "waves")).metadata;
  const told = await Promise.all([
    ...["private", "foreign", "absent"].map((name) => refusal({ namespace: namespace ?? "", name })),
    refusal({ namespace: "deleted", name: "any" }),
  ]);
  assert.deepEqual(new Set(told), new Set(["there is no Secret X that is shared with the template waves"]));
});

test("a namespace that the operator does not share from is not even asked", async (t) => {
  const { bench, shared, workspace } = await scene(t);
  await bench.client.create(SECRETS, {
    metadata: { name: uniqueName("s"), namespace: "default", annotations: { [ANNOTATIONS.sharedWith]: "*" } },
  });
  const context = await workspace({ from: { namespace: "default", name: "any" } });
  bench.proxy.clearRequests();
  const { reason } = await bench.engine({ shared }).reconcile(context, "build", t.signal);
  assert.equal(reason, "SourceMissing");
  assert.equal(bench.proxy.count({ path: /namespaces\/default\/secrets/ }), 0);
});

test("consent that is withdrawn: no new copy, and the old one stays as it is", async (t) => {
  const { bench, shared, source, workspace, copy, namespace } = await scene(t);
  await source("source", "waves");
  await source("tick", "waves");
  const old = await workspace({}, { from: { namespace, name: "tick" } });
  const engine = bench.engine({ shared });
  assert.equal((await engine.reconcile(old, "build", t.signal)).done, true);
  const withdrawn = { metadata: { annotations: null }, stringData: { password: "new" } };
  await bench.client.mergePatch(SECRETS, "source", withdrawn, { namespace });
  await bench.client.mergePatch(SECRETS, "tick", { stringData: { password: "new" } }, { namespace });
  // The later change has come through, so the earlier one has as well.
  await eventually(async () => assert.equal(text(await copy(old, "tick"), "password"), "new"));
  assert.equal(text(await copy(old, "source"), "password"), "one");
  await eventually(async () => {
    const { reason } = await bench.engine({ shared }).reconcile(await workspace({}), "build", t.signal);
    assert.equal(reason, "SourceMissing");
  });
});

test("a Secret of the copy's name that is somebody else's is left alone, now and when the source changes", async (t) => {
  const { bench, shared, source, workspace, copy, namespace } = await scene(t);
  await source("source", "waves");
  const context = await workspace({}, { to: "second" });
  const { name } = context.workspace.metadata;
  await bench.client.create(SECRETS, { metadata: { name: "source", namespace: name }, stringData: { mine: "yes" } });
  const outcome = await bench.engine({ shared }).reconcile(context, "build", t.signal);
  assert.equal(outcome.reason, "NameTaken");
  await bench.client.mergePatch(SECRETS, "source", { stringData: { password: "two" } }, { namespace });
  await eventually(async () => assert.equal(text(await copy(context, "second"), "password"), "two"));
  assert.deepEqual(Object.keys((await copy(context, "source")).data ?? {}), ["mine"]);
});
