import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, afterEach, before, test } from "node:test";
import { sessionName, type Session, type Workspace } from "@carrel/api";
import { SESSION_TEMPLATES, SESSIONS, WORKSPACES } from "@carrel/kube";
import { eventually, faults, type FaultProxy } from "@carrel/testkit";
import { startServicesBehindProxy, type ServicesBehindProxy, type SessionServices } from "@carrel/servicekit";

const PATIENCE = { timeoutMs: 60_000, everyMs: 50 };
const CLAIM = { method: "PATCH", path: /\/workspaces\/w[a-z0-9]+$/ };

let behind: ServicesBehindProxy;
let proxy: FaultProxy;
let services: SessionServices;
let template: string;
before(async () => {
  behind = await startServicesBehindProxy();
  ({ services, proxy } = behind);
  template = await services.template({ spec: { pool: { size: 2 } } });
});
afterEach(() => proxy.clear());
after(() => behind[Symbol.asyncDispose]());

const full = (): Promise<void> =>
  eventually(async () => {
    const { status } = await services.client.get(SESSION_TEMPLATES, template);
    assert.deepEqual(status?.pool, { wanted: 2, ready: 2, starting: 0 });
  }, PATIENCE);

/** The one Workspace that the session holds, and the session, once it is Ready. */
async function settled(key: string): Promise<{ session: Session; workspace: Workspace }> {
  return await eventually(async () => {
    const session = await services.client.get(SESSIONS, sessionName("acme", key));
    assert.equal(session.status?.phase, "Ready");
    const { items } = await services.client.list(WORKSPACES);
    const held = items.filter(({ spec }) => spec.session?.uid === session.metadata.uid);
    assert.deepEqual(
      held.map(({ metadata }) => metadata.name),
      [session.spec.workspace],
    );
    assert.ok(held[0]);
    return { session, workspace: held[0] };
  }, PATIENCE);
}

test("a session on a spare is four writes, one after the other, and no read", async () => {
  await full();
  proxy.clearRequests();
  const key = randomUUID();
  await services.create({ template, user: { id: "counted" } }, key);
  const { session, workspace } = await settled(key);
  // The workspace's own status follows by itself; nobody waits for it.
  const about = new RegExp(`/(sessions|workspaces)/(${session.metadata.name}(/status)?|${workspace.metadata.name})$`);
  const calls = proxy
    .requests({ watch: false })
    .filter(({ method, path }) => about.test(path) || (method === "POST" && path.endsWith("/sessions")))
    .map(({ method, path }) => `${method} ${path.replace(/^.*v1alpha1/, "").replace(/[sw][a-z2-7]{20}/, "NAME")}`);
  assert.deepEqual(calls, [
    "POST /sessions",
    "PATCH /sessions/NAME",
    "PATCH /workspaces/NAME",
    "PATCH /sessions/NAME/status",
  ]);
});

test("a claim whose answer is lost is found to have been made", async () => {
  await full();
  proxy.inject({ ...CLAIM, times: 1 }, faults.resetAfterAnswer());
  const key = randomUUID();
  await services.create({ template, user: { id: "answer-lost" } }, key);
  await settled(key);
});

test("a spare whose status was written in between is still free, and taken", async () => {
  await full();
  const spares = (await services.client.list(WORKSPACES)).items.filter(({ spec }) => spec.session === undefined);
  proxy.inject({ ...CLAIM, times: 1 }, faults.status(409, "Conflict"));
  const key = randomUUID();
  await services.create({ template, user: { id: "conflict" } }, key);
  const { workspace } = await settled(key);
  assert.ok(spares.some(({ metadata }) => metadata.uid === workspace.metadata.uid));
});

test("a spare that somebody else has taken away is passed over for the next", async () => {
  await full();
  proxy.inject({ path: /\/workspaces$/, watch: true }, faults.delayLines(2_000));
  proxy.endConnections();
  const spares = (await services.client.list(WORKSPACES)).items
    .filter(
      ({ spec, status }) => spec.session === undefined && spec.terminate === undefined && status?.phase === "Ready",
    )
    .sort((a, b) => ((a.status?.readyAt ?? "") < (b.status?.readyAt ?? "") ? -1 : 1));
  // The cache does not show it yet: the claim meets the truth.
  const terminate = { reason: "SpareRetired", at: new Date().toISOString() };
  await services.client.mergePatch(WORKSPACES, spares[0]?.metadata.name ?? "", { spec: { terminate } });
  const key = randomUUID();
  await services.create({ template, user: { id: "passed-over" } }, key);
  const { workspace } = await settled(key);
  assert.equal(workspace.spec.terminate, undefined);
});

test("killed between the choice of a spare and its claim: the next life goes on with that choice", async () => {
  await full();
  proxy.inject(CLAIM, faults.blackHole());
  const key = randomUUID();
  await services.create({ template, user: { id: "chosen" }, wait: "accepted" }, key);
  const chosen = await eventually(async () => {
    const session = await services.client.get(SESSIONS, sessionName("acme", key));
    assert.ok(proxy.count({ ...CLAIM, path: new RegExp(`/workspaces/${session.spec.workspace}$`) }) > 0);
    return session.spec.workspace;
  }, PATIENCE);
  await services.provisioner.kill();
  proxy.clear();
  await services.provisioner.start();
  const { workspace } = await settled(key);
  assert.equal(workspace.metadata.name, chosen);
});

test("killed after the claim, before the session says so: it is the session's", async () => {
  await full();
  const key = randomUUID();
  const status = new RegExp(`/sessions/${sessionName("acme", key)}/status$`);
  proxy.inject({ method: "PATCH", path: status }, faults.blackHole());
  await services.create({ template, user: { id: "claimed" }, wait: "accepted" }, key);
  await eventually(() => assert.ok(proxy.count({ path: status }) > 0), PATIENCE);
  await services.provisioner.kill();
  proxy.clear();
  await services.provisioner.start();
  await settled(key);
});
