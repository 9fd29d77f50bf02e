import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import type { CreateRequest, Session, SessionReply, Workspace } from "@carrel/api";
import {
  createKubeClient,
  isNotFound,
  loadKubeconfig,
  NAMESPACES,
  PODS,
  RESOURCE_QUOTAS,
  ROLE_BINDINGS,
  SESSIONS,
  SESSION_TEMPLATES,
  TENANTS,
  WORKSPACES,
  type KubeClient,
} from "@carrel/kube";
import { connectMessaging, inboxPrefix, type Messaging } from "@carrel/messaging";
import { silentLogger } from "@carrel/kube";
import {
  aSessionTemplate,
  aTenant,
  eventually,
  installCrds,
  sharedControlPlane,
  startNatsServer,
} from "@carrel/testkit";
import { startService, type ServiceProcess } from "./support/service-process.ts";

/**
 * Provisioner and reaper on a real API server with its real controllers and a real NATS. There is no node here: the
 * test plays the kubelet and reports the desk's pod ready.
 */
const resources = new AsyncDisposableStack();
let client: KubeClient;
let backend: Messaging;
let provisioner: ServiceProcess;
let reaper: ServiceProcess;

before(async () => {
  const controlPlane = await sharedControlPlane({ controllerManager: true });
  await installCrds(controlPlane);
  const nats = resources.use(await startNatsServer({ accounts: { tenants: ["acme", "rival"] } }));
  const passwordFile = async (user: string): Promise<string> => {
    const file = path.join(controlPlane.directory, `nats-${user}`);
    await writeFile(file, nats.credentials(user).pass);
    return file;
  };
  client = resources.use(
    createKubeClient(await loadKubeconfig({ path: controlPlane.kubeconfigPath }), { userAgent: "test" }),
  );
  await client.create(NAMESPACES, { metadata: { name: "carrel-system" } });
  await client.create(
    { group: "scheduling.k8s.io", version: "v1", plural: "priorityclasses", kind: "PriorityClass", namespaced: false },
    { metadata: { name: "carrel-desk" }, ...{ value: 1000 } },
  );
  for (const access of ["edit", "view"]) {
    await client.create(
      {
        group: "rbac.authorization.k8s.io",
        version: "v1",
        plural: "clusterroles",
        kind: "ClusterRole",
        namespaced: false,
      },
      { metadata: { name: `carrel-learner-${access}` }, ...{ rules: [] } },
    );
  }
  const env = {
    CARREL_NAMESPACE: "carrel-system",
    CARREL_KUBECONFIG: controlPlane.kubeconfigPath,
    CARREL_NATS_SERVERS: nats.url,
  };
  const natsEnv = async (user: string): Promise<Record<string, string>> => ({
    ...env,
    // As in the chart: the pod's name, which a restarted container keeps, so it need not wait for its own lease to end.
    CARREL_IDENTITY: `${user}-0`,
    CARREL_NATS_USER: user,
    CARREL_NATS_PASSWORD_FILE: await passwordFile(user),
  });
  [provisioner, reaper] = await Promise.all([
    startService("provisioner", { ...(await natsEnv("provisioner")), CARREL_DOMAIN: "carrel.test" }),
    startService("reaper", await natsEnv("reaper")),
  ]);
  resources.use(provisioner);
  resources.use(reaper);
  const { pass } = nats.credentials("acme");
  backend = resources.use(
    await connectMessaging({
      servers: [nats.url],
      credentials: { user: "acme", password: pass },
      name: "backend",
      inboxPrefix: inboxPrefix("acme"),
      logger: silentLogger,
    }),
  );
  await client.create(TENANTS, aTenant({ metadata: { name: "acme" } }));
});
after(() => resources.disposeAsync());

const template = async (spec: Parameters<typeof aSessionTemplate>[0] = {}): Promise<string> => {
  const created = await client.create(SESSION_TEMPLATES, aSessionTemplate(spec));
  return created.metadata.name;
};
const ask = (operation: string, body: object, key: string = randomUUID()): Promise<SessionReply & { ok: true }> =>
  backend.request(`carrel.v1.acme.session.${operation}`, body, {
    headers: { "Idempotency-Key": key },
    timeoutMs: 10_000,
  });
const create = (request: CreateRequest, key?: string) => ask("create", request, key);

/** What a kubelet would say. */
async function reportReady(namespace: string): Promise<void> {
  await eventually(() => client.get(PODS, "desk", { namespace }), { timeoutMs: 20_000 });
  const at = new Date().toISOString();
  const status = {
    phase: "Running",
    podIP: "10.0.0.1",
    conditions: [{ type: "Ready", status: "True", lastTransitionTime: at }],
  };
  await client.mergePatch(PODS, "desk", { status }, { namespace, subresource: "status" });
}
const session = (name: string): Promise<Session> => client.get(SESSIONS, name);
const gone = async (call: Promise<unknown>): Promise<void> => assert.rejects(call, isNotFound);

/** Nodes delete pods; without one the test confirms it, so that namespaces can drain. */
async function confirmPodsDeleted(namespace: string): Promise<void> {
  await client.deleteCollection(PODS, { namespace, gracePeriodSeconds: 0 });
}

test("a session's whole life: request, ready with token, end, nothing left, tombstone answers", async () => {
  const name = await template();
  const key = randomUUID();
  const creating = create({ template: name, user: { id: "ada" } }, key);
  const created = await eventually(
    async () => {
      const { items } = await client.list(SESSIONS);
      const found = items.find((item) => item.spec.template.name === name);
      assert.ok(found);
      return found;
    },
    { timeoutMs: 5_000 },
  );
  const namespace = created.spec.workspace;
  await reportReady(namespace);
  const reply = await creating;
  assert.equal(reply.session.state, "ready");
  assert.equal(reply.session.url, `https://${created.metadata.name}.carrel.test/`);
  assert.match(reply.token ?? "", /^ey/);

  const [quotas, binding, pod, workspace] = await Promise.all([
    client.list(RESOURCE_QUOTAS, { namespace }),
    client.get(ROLE_BINDINGS, "learner", { namespace }),
    client.get(PODS, "desk", { namespace }),
    client.get(WORKSPACES, namespace),
  ]);
  assert.deepEqual(quotas.items.map((quota) => quota.metadata.name).sort(), ["compute", "desk", "objects"]);
  assert.ok(binding.metadata.creationTimestamp);
  assert.equal(pod.spec?.serviceAccountName, "learner");
  assert.equal(workspace.status?.phase, "Ready");

  const again = await create({ template: name, user: { id: "ada" } }, key);
  assert.equal(again.session.name, reply.session.name);
  await assert.rejects(
    create({ template: name, user: { id: "eve" } }, key),
    (error: { code?: string }) => error.code === "CONFLICT",
  );

  const ending = await ask("end", { session: reply.session.name, reason: "EndedByUser" });
  assert.equal(ending.session.state, "ending");
  await eventually(async () => assert.ok((await client.get(NAMESPACES, namespace)).metadata.deletionTimestamp), {
    timeoutMs: 5_000,
  });
  await confirmPodsDeleted(namespace);
  await eventually(
    async () => {
      assert.equal((await session(reply.session.name)).status?.phase, "Ended");
    },
    { timeoutMs: 30_000 },
  );
  await gone(client.get(NAMESPACES, namespace));
  await gone(client.get(WORKSPACES, namespace));
  const replayed = await create({ template: name, user: { id: "ada" } }, key);
  assert.equal(replayed.session.state, "ended");
  assert.equal(replayed.session.endReason, "EndedByUser");
  assert.equal(replayed.token, undefined);
});

test("a hundred equal requests make one session", async () => {
  const name = await template();
  const key = randomUUID();
  const replies = await Promise.all(
    Array.from({ length: 100 }, () => create({ template: name, user: { id: "bob" }, wait: "accepted" }, key)),
  );
  assert.equal(new Set(replies.map((reply) => reply.session.name)).size, 1);
  const { items } = await client.list(SESSIONS);
  assert.equal(items.filter((item) => item.spec.user.id === "bob").length, 1);
  await ask("end", { session: replies[0]?.session.name });
});

test("a session that is not ready in time fails with the cause kept, and leaves nothing", async () => {
  const name = await template({ spec: { lifetime: { duration: "1h", max: "1h", startDeadline: "2s" } } });
  const reply = await create({ template: name, user: { id: "late" } });
  assert.equal(reply.session.endReason, "StartDeadlineExceeded");
  const namespace = (await session(reply.session.name)).spec.workspace;
  await confirmPodsDeleted(namespace);
  await eventually(async () => gone(client.get(NAMESPACES, namespace)), { timeoutMs: 30_000 });
});

test("a stranger's namespace of our name is never touched; the session fails and says so", async () => {
  const name = await template();
  const reply = await create({ template: name, user: { id: "squatter" }, wait: "accepted" });
  const { workspace } = (await session(reply.session.name)).spec;
  // The race is won by whoever comes first; make sure that it is the stranger by trying until one is.
  const stranger = await client.create(NAMESPACES, { metadata: { name: workspace } }).catch(() => undefined);
  if (stranger === undefined) return void (await ask("end", { session: reply.session.name }));
  await eventually(async () => assert.equal((await session(reply.session.name)).status?.phase, "Ended"), {
    timeoutMs: 20_000,
  });
  assert.equal((await session(reply.session.name)).status?.endReason, "Failed");
  assert.equal((await client.get(NAMESPACES, workspace)).metadata.deletionTimestamp, undefined);
});

test("killed provisioner and reaper finish what they began", async () => {
  const name = await template();
  const reply = await create({ template: name, user: { id: "kay" }, wait: "accepted" });
  await provisioner.crash();
  const { workspace } = (await session(reply.session.name)).spec;
  await reportReady(workspace);
  await eventually(async () => assert.equal((await session(reply.session.name)).status?.phase, "Ready"), {
    timeoutMs: 40_000,
  });
  await ask("end", { session: reply.session.name });
  await reaper.crash();
  await eventually(async () => assert.ok((await client.get(NAMESPACES, workspace)).metadata.deletionTimestamp), {
    timeoutMs: 40_000,
  });
  await confirmPodsDeleted(workspace);
  await eventually(async () => gone(client.get<Workspace>(WORKSPACES, workspace)), { timeoutMs: 40_000 });
});

test("`kubectl delete session` ends it through the ordinary teardown", async () => {
  const name = await template();
  const reply = await create({ template: name, user: { id: "del" }, wait: "accepted" });
  const { workspace } = (await session(reply.session.name)).spec;
  await reportReady(workspace);
  await client.delete(SESSIONS, reply.session.name);
  await eventually(async () => assert.ok((await client.get(NAMESPACES, workspace)).metadata.deletionTimestamp), {
    timeoutMs: 40_000,
  });
  await confirmPodsDeleted(workspace);
  await eventually(async () => gone(client.get(WORKSPACES, workspace)), { timeoutMs: 40_000 });
});
