import assert from "node:assert/strict";
import { test } from "node:test";
import { LABELS } from "@carrel/api";
import { NAMESPACES, PODS, ROLE_BINDINGS, SECRETS, WORKSPACES } from "@carrel/kube";
import { eventually, type FaultProxy } from "@carrel/testkit";
import { workspaceBench } from "./testing/workspace-bench.ts";

/** The builder's calls by method and resource. */
function callsOf(proxy: FaultProxy): Record<string, number> {
  const calls: Record<string, number> = {};
  for (const { method, path, query } of proxy.requests({ watch: false })) {
    // The lists that caches begin with are a process's, not a workspace's.
    if (method === "GET" && query.includes("limit=")) continue;
    const parts = path.replace(/^\/(api\/v1|apis\/[^/]+\/[^/]+)\//, "").split("/");
    const namespaced = parts[0] === "namespaces" && parts.length > 2;
    const [resource, , subresource] = namespaced ? parts.slice(2) : parts;
    const key = `${method} ${resource}${subresource === undefined ? "" : `/${subresource}`}`;
    calls[key] = (calls[key] ?? 0) + 1;
  }
  return calls;
}

test("a workspace of a plain template is ten calls, and none once it is Ready", async (t) => {
  const bench = await workspaceBench(t);
  await bench.start();
  bench.proxy.clearRequests();
  const { metadata } = await bench.workspace();
  await bench.reportReady(metadata.name);
  await bench.seen(metadata.name, ({ status }) => assert.equal(status?.phase, "Ready"));
  const calls = callsOf(bench.proxy);
  assert.deepEqual(calls, {
    "POST namespaces": 1,
    "POST serviceaccounts": 1,
    "POST resourcequotas": 3,
    "POST limitranges": 1,
    "POST networkpolicies": 1,
    "POST pods": 1,
    "POST rolebindings": 1,
    "PATCH workspaces/status": 1,
  });

  // What wakes the builder without a cause makes it write nothing.
  bench.proxy.clearRequests();
  await bench.client.mergePatch(
    PODS,
    "desk",
    { metadata: { annotations: { note: "1" } } },
    { namespace: metadata.name },
  );
  const next = await bench.workspace();
  await bench.reportReady(next.metadata.name);
  await bench.seen(next.metadata.name, ({ status }) => assert.equal(status?.phase, "Ready"));
  assert.equal(
    Object.values(callsOf(bench.proxy)).reduce((a, b) => a + b),
    10,
    "those of the other workspace",
  );
});

test("nothing runs and nobody has rights before every quota counts; a wait that lasts is told", async (t) => {
  const bench = await workspaceBench(t);
  const frozen = bench.proxy.inject({ path: /\/resourcequotas$/, watch: true }, { kind: "freeze", afterBytes: 0 });
  await bench.start();
  const { metadata } = await bench.workspace({ namespaces: [{ name: "db" }] });
  await bench.seen(metadata.name, ({ status }) => assert.equal(status?.conditions?.[0]?.reason, "WaitingForQuota"));
  for (const namespace of [metadata.name, `${metadata.name}-db`]) {
    assert.deepEqual((await bench.client.list(ROLE_BINDINGS, { namespace })).items, []);
    assert.deepEqual((await bench.client.list(PODS, { namespace })).items, []);
  }
  frozen.remove();
  bench.proxy.endConnections();
  await bench.reportReady(metadata.name);
  await bench.seen(metadata.name, ({ status }) => assert.equal(status?.phase, "Ready"));
  for (const namespace of [metadata.name, `${metadata.name}-db`]) {
    assert.equal((await bench.client.list(ROLE_BINDINGS, { namespace })).items.length, 1);
  }
});

test("a claimed spare: its namespaces are labelled, its pod left alone, the claim seen through in the status", async (t) => {
  const bench = await workspaceBench(t);
  await bench.start();
  const spare = await bench.workspace(
    { namespaces: [{ name: "db" }], generate: [{ name: "key", type: "hex" }] },
    { spare: true },
  );
  const { name, uid } = spare.metadata;
  await bench.reportReady(name);
  const ready = await bench.seen(name, ({ status }) => assert.equal(status?.phase, "Ready"));
  assert.equal(ready.status?.conditions?.[0]?.observedGeneration, 1);
  const before = await bench.client.get(PODS, "desk", { namespace: name });

  bench.proxy.clearRequests();
  await bench.client.mergePatch(WORKSPACES, name, {
    metadata: { uid, labels: { [LABELS.session]: "s1", [LABELS.tenant]: "acme" } },
    spec: { session: { name: "s1", uid: "session-uid" }, tenant: "acme" },
  });
  const claimed = await bench.seen(name, ({ status }) => assert.equal(status?.conditions?.[0]?.observedGeneration, 2));
  assert.deepEqual([claimed.status?.conditions?.[0]?.status, claimed.status?.pod?.uid], ["True", before.metadata.uid]);
  for (const namespace of [name, `${name}-db`]) {
    const { labels } = (await bench.client.get(NAMESPACES, namespace)).metadata;
    assert.deepEqual(
      [labels?.[LABELS.session], labels?.[LABELS.tenant], labels?.[LABELS.workspaceUid]],
      ["s1", "acme", uid],
    );
  }
  const after = await bench.client.get(PODS, "desk", { namespace: name });
  assert.deepEqual([after.metadata.uid, after.metadata.labels], [before.metadata.uid, before.metadata.labels]);
  const { "POST secrets": created, "GET secrets": read, ...calls } = callsOf(bench.proxy);
  assert.deepEqual(calls, { "PATCH namespaces": 2, "PATCH workspaces/status": 1 });
  assert.deepEqual([created, read], [1, 1], "what was generated is read again, for the objects of the claim");
});

test("generated values are made once, cannot be changed, and reach the desk", async (t) => {
  const bench = await workspaceBench(t);
  const builder = await bench.start();
  const containers = [{ name: "desk", image: "i", env: [{ name: "PASSWORD", value: "$(generated.password)" }] }];
  const workspace = await bench.workspace({
    generate: [{ name: "password", type: "password" }],
    workspace: { template: { spec: { containers } } },
  });
  const { name } = workspace.metadata;
  await bench.reportReady(name);
  await bench.seen(name, ({ status }) => assert.equal(status?.phase, "Ready"));
  const secret = await bench.client.get(SECRETS, "generated", { namespace: name });
  const password = Buffer.from(secret.data?.["password"] ?? "", "base64").toString();
  const passwordOfDesk = async (): Promise<unknown> => {
    const { spec } = await bench.client.get(PODS, "desk", { namespace: name });
    return spec.containers[0]?.env?.[0]?.value;
  };
  assert.equal(password.length, 24);
  assert.equal(await passwordOfDesk(), password);
  await assert.rejects(
    bench.client.mergePatch(SECRETS, "generated", { data: { password: "eA==" } }, { namespace: name }),
    /immutable/,
  );

  // A desk that is lost comes back with the same value, also from a builder that has not made it.
  await builder[Symbol.asyncDispose]();
  const lost = await bench.client.get(PODS, "desk", { namespace: name });
  await bench.client.delete(PODS, "desk", { namespace: name, uid: lost.metadata.uid, gracePeriodSeconds: 0 });
  await bench.start();
  await eventually(
    async () =>
      assert.notEqual((await bench.client.get(PODS, "desk", { namespace: name })).metadata.uid, lost.metadata.uid),
    { timeoutMs: 20_000 },
  );
  assert.equal(await passwordOfDesk(), password);
});
