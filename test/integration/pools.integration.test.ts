import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { LABELS, type SessionTemplate, type Workspace } from "@carrel/api";
import { findCondition, PODS, SESSION_TEMPLATES, SESSIONS, WORKSPACES } from "@carrel/kube";
import { eventually } from "@carrel/testkit";
import { startSessionServices, type SessionServices, playKubelet, type PlayedKubelet } from "@carrel/servicekit";

const PLACES = 6;
const PATIENCE = { timeoutMs: 60_000, everyMs: 100 };

let services: SessionServices;
let kubelet: PlayedKubelet;
before(async () => {
  services = await startSessionServices({ provisionerEnv: { CARREL_MAX_SESSIONS: String(PLACES) } });
  kubelet = playKubelet(services.client);
});
after(async () => {
  await kubelet[Symbol.asyncDispose]();
  await services[Symbol.asyncDispose]();
});

/** Each test begins with all places free. */
afterEach(async () => {
  const { client } = services;
  kubelet.ignore = () => false;
  await Promise.all(
    (await client.list(SESSION_TEMPLATES)).items.map(({ metadata }) => client.delete(SESSION_TEMPLATES, metadata.name)),
  );
  await Promise.all((await client.list(SESSIONS)).items.map(({ metadata }) => client.delete(SESSIONS, metadata.name)));
  await eventually(async () => assert.deepEqual((await client.list(WORKSPACES)).items, []), {
    timeoutMs: 90_000,
    everyMs: 500,
  });
});

const templateOf = (name: string): Promise<SessionTemplate> => services.client.get(SESSION_TEMPLATES, name);
/** All that were ever made for a pool and exist, those that are on their way out included. */
const made = async (name: string): Promise<readonly Workspace[]> =>
  (await services.client.list(WORKSPACES, { labelSelector: `${LABELS.pool}=${name}` })).items;
const living = async (name: string): Promise<readonly Workspace[]> =>
  (await made(name)).filter(
    ({ metadata, spec }) => metadata.deletionTimestamp === undefined && spec.terminate === undefined,
  );
const stands = (name: string, ready: number, wanted = ready): Promise<void> =>
  eventually(async () => {
    const { status } = await templateOf(name);
    assert.deepEqual(status?.pool, { wanted, ready, starting: 0 });
  }, PATIENCE);
const scale = (name: string, size: number): Promise<unknown> =>
  services.client.mergePatch(SESSION_TEMPLATES, name, { spec: { pool: { size, minReady: 0 } } });
const gone = (name: string): Promise<void> =>
  eventually(async () => assert.deepEqual(await made(name), []), { timeoutMs: 90_000, everyMs: 500 });

test("spares stand ready; a session takes one with three writes, and it is replaced", async () => {
  const name = await services.template({ spec: { pool: { size: 2, minReady: 1 } } });
  await stands(name, 2);
  const healthy = findCondition((await templateOf(name)).status?.conditions, "PoolHealthy");
  assert.deepEqual([healthy?.status, healthy?.reason], ["True", "Healthy"]);
  const before = await living(name);
  assert.ok(before.every(({ spec }) => spec.session === undefined && spec.tenant === undefined));

  const reply = await services.create({ template: name, user: { id: "ada" } });
  assert.equal(reply.session.state, "ready");
  const session = await services.client.get(SESSIONS, reply.session.name);
  const workspace = await services.client.get(WORKSPACES, session.spec.workspace);
  assert.ok(
    before.some(({ metadata }) => metadata.uid === workspace.metadata.uid),
    "a spare that stood ready",
  );
  assert.deepEqual(
    workspace.metadata.ownerReferences?.map(({ kind, uid }) => [kind, uid]),
    [["Session", session.metadata.uid]],
    "it goes with its session, not with its template",
  );
  assert.equal(workspace.metadata.labels?.[LABELS.tenant], "acme");
  assert.equal(workspace.spec.variables["user.id"], "ada");
  assert.equal(session.metadata.generation, 2, "its spec was written once after it was made");
  await stands(name, 2);
  await scale(name, 0);
  await services.ask("end", { session: reply.session.name });
  await gone(name);
  const { status } = await templateOf(name);
  assert.deepEqual(status?.pool, { wanted: 0, ready: 0, starting: 0 });
});

test("a changed template renews its pool, one more than wanted at a time, and keeps as many ready", async () => {
  const name = await services.template({ spec: { pool: { size: 3 } } });
  await stands(name, 3);
  const old = new Set((await living(name)).map(({ metadata }) => metadata.name));
  let least = 3;
  let most = 0;
  const watching = new AbortController();
  const seen = (async () => {
    while (!watching.signal.aborted) {
      const spares = await living(name);
      least = Math.min(least, spares.filter(({ status }) => status?.phase === "Ready").length);
      most = Math.max(most, spares.length);
    }
  })();
  await services.client.mergePatch(SESSION_TEMPLATES, name, { spec: { title: "Another" } });
  using _stop = { [Symbol.dispose]: () => watching.abort() };
  await eventually(async () => {
    const spares = await living(name);
    assert.equal(spares.filter(({ status }) => status?.phase === "Ready").length, 3);
    assert.ok(spares.every(({ metadata, spec }) => !old.has(metadata.name) && spec.template.generation === 2));
  }, PATIENCE);
  watching.abort();
  await seen;
  assert.equal(least, 3, "never fewer ready than wanted");
  assert.equal(most, 4, "never more than one beyond");
});

test("a pool whose spares fail stops after three, says why, and goes on with a template that works", async () => {
  const name = await services.template({ spec: { pool: { size: 5, minReady: 1 }, policy: { profile: "missing" } } });
  const paused = await eventually(async () => {
    const condition = findCondition((await templateOf(name)).status?.conditions, "PoolHealthy");
    assert.equal(condition?.reason, "PoolPaused");
    return condition;
  }, PATIENCE);
  assert.equal(paused.status, "False");
  assert.match(paused.message, /no PolicyProfile missing/);
  await gone(name);
  const { status } = await templateOf(name);
  assert.deepEqual(status?.pool, { wanted: 5, ready: 0, starting: 0 }, "and nothing more was begun");

  await services.client.mergePatch(SESSION_TEMPLATES, name, { spec: { policy: { profile: "default" } } });
  await stands(name, 5);
  const healthy = findCondition((await templateOf(name)).status?.conditions, "PoolHealthy");
  assert.equal(healthy?.status, "True");
});

test("with all places taken, an idle spare of another template makes room before anybody waits", async () => {
  const idle = await services.template({ spec: { pool: { size: PLACES } } });
  await stands(idle, PLACES);
  const cold = await services.template();
  const reply = await services.create({ template: cold, user: { id: "bob" } });
  assert.equal(reply.session.state, "ready");
  const session = await services.client.get(SESSIONS, reply.session.name);
  assert.ok(!session.status?.conditions?.some(({ reason }) => reason === "Queued"));
  const retired = (await made(idle)).filter(({ spec }) => spec.terminate !== undefined);
  assert.equal((await living(idle)).length, PLACES - 1);
  assert.ok(retired.length <= 1 && retired.every(({ spec }) => spec.terminate?.reason === "SpareRetired"));
  // The place is the session's: the pool stays one short until it is free.
  await stands(idle, PLACES - 1, PLACES);
  await services.ask("end", { session: reply.session.name });
  await stands(idle, PLACES);
  await services.client.delete(SESSION_TEMPLATES, idle);
  await gone(idle);
});

test("a spare whose desk no node takes is no obstacle for a session of its template", async () => {
  kubelet.ignore = () => true;
  const name = await services.template({ spec: { pool: { size: 1 } } });
  const spare = await eventually(async () => {
    const [first] = await living(name);
    assert.ok(first);
    return first;
  }, PATIENCE);
  const namespace = spare.metadata.name;
  await eventually(() => services.client.get(PODS, "desk", { namespace }), PATIENCE);
  const conditions = [
    {
      type: "PodScheduled",
      status: "False",
      reason: "Unschedulable",
      message: "0/3 nodes",
      lastTransitionTime: new Date().toISOString(),
    },
  ];
  await services.client.mergePatch(PODS, "desk", { status: { conditions } }, { namespace, subresource: "status" });
  await eventually(async () => {
    const { status } = await services.client.get(WORKSPACES, namespace);
    assert.equal(findCondition(status?.conditions, "Ready")?.reason, "PodUnschedulable");
  }, PATIENCE);
  kubelet.ignore = (pod) => pod.metadata.namespace === namespace;
  const reply = await services.create({ template: name, user: { id: "eve" } });
  assert.equal(reply.session.state, "ready");
});
