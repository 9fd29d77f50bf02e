import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { newWorkspaceName, sessionName, type Session, type Workspace } from "@carrel/api";
import {
  isNotFound,
  NAMESPACES,
  PODS,
  RESOURCE_QUOTAS,
  ROLE_BINDINGS,
  SESSION_TEMPLATES,
  SESSIONS,
  TENANTS,
  WORKSPACES,
} from "@carrel/kube";
import { eventually } from "@carrel/testkit";
import { reportReady as reportDeskReady, startSessionServices, type SessionServices } from "@carrel/servicekit";

let services: SessionServices;
before(async () => {
  services = await startSessionServices();
});
after(() => services[Symbol.asyncDispose]());

const reportReady = (namespace: string): Promise<void> => reportDeskReady(services.client, namespace);
const session = (name: string): Promise<Session> => services.client.get(SESSIONS, name);
const gone = async (call: Promise<unknown>): Promise<void> => assert.rejects(call, isNotFound);

/** Nodes delete pods; without one the test confirms it, so that namespaces can drain. */
async function confirmPodsDeleted(namespace: string): Promise<void> {
  await services.client.deleteCollection(PODS, { namespace, gracePeriodSeconds: 0 });
}

test("a session's whole life: request, ready with token, end, nothing left, tombstone answers", async () => {
  const name = await services.template();
  const key = randomUUID();
  const creating = services.create({ template: name, user: { id: "ada" } }, key);
  const created = await eventually(
    async () => {
      const { items } = await services.client.list(SESSIONS);
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
    services.client.list(RESOURCE_QUOTAS, { namespace }),
    services.client.get(ROLE_BINDINGS, "learner", { namespace }),
    services.client.get(PODS, "desk", { namespace }),
    services.client.get(WORKSPACES, namespace),
  ]);
  assert.deepEqual(quotas.items.map((quota) => quota.metadata.name).sort(), ["compute", "desk", "objects"]);
  assert.ok(binding.metadata.creationTimestamp);
  assert.equal(pod.spec?.serviceAccountName, "learner");
  assert.equal(workspace.status?.phase, "Ready");

  const again = await services.create({ template: name, user: { id: "ada" } }, key);
  assert.equal(again.session.name, reply.session.name);
  await assert.rejects(
    services.create({ template: name, user: { id: "eve" } }, key),
    (error: { code?: string }) => error.code === "CONFLICT",
  );

  const ending = await services.ask("end", { session: reply.session.name, reason: "EndedByUser" });
  assert.equal(ending.session.state, "ending");
  await eventually(
    async () => assert.ok((await services.client.get(NAMESPACES, namespace)).metadata.deletionTimestamp),
    {
      timeoutMs: 5_000,
    },
  );
  await confirmPodsDeleted(namespace);
  await eventually(
    async () => {
      assert.equal((await session(reply.session.name)).status?.phase, "Ended");
    },
    { timeoutMs: 30_000 },
  );
  await gone(services.client.get(NAMESPACES, namespace));
  await gone(services.client.get(WORKSPACES, namespace));
  const replayed = await services.create({ template: name, user: { id: "ada" } }, key);
  assert.equal(replayed.session.state, "ended");
  assert.equal(replayed.session.endReason, "EndedByUser");
  assert.equal(replayed.token, undefined);
});

test("a hundred equal requests make one session", async () => {
  const name = await services.template();
  const key = randomUUID();
  const replies = await Promise.all(
    Array.from({ length: 100 }, () => services.create({ template: name, user: { id: "bob" }, wait: "accepted" }, key)),
  );
  assert.equal(new Set(replies.map((reply) => reply.session.name)).size, 1);
  const { items } = await services.client.list(SESSIONS);
  assert.equal(items.filter((item) => item.spec.user.id === "bob").length, 1);
  await services.ask("end", { session: replies[0]?.session.name });
});

test("a session that is not ready in time fails with the cause kept, and leaves nothing", async () => {
  const name = await services.template({ spec: { lifetime: { duration: "1h", max: "1h", startDeadline: "2s" } } });
  const key = randomUUID();
  const failed = services.create({ template: name, user: { id: "late" } }, key);
  await assert.rejects(failed, (error: Error & { code?: string }) => {
    assert.equal(error.code, "FAILED");
    assert.match(error.message, /StartDeadlineExceeded: .*not ready by/);
    return true;
  });
  const found = (await services.ask("get", { session: sessionName("acme", key) })).session;
  assert.equal(found.endReason, "StartDeadlineExceeded");
  const namespace = (await session(found.name)).spec.workspace;
  await confirmPodsDeleted(namespace);
  await eventually(async () => gone(services.client.get(NAMESPACES, namespace)), { timeoutMs: 30_000 });
});

test("a stranger's namespace of our name is never touched; the session fails and says so", async () => {
  const name = await services.template();
  const reply = await services.create({ template: name, user: { id: "squatter" }, wait: "accepted" });
  const { workspace } = (await session(reply.session.name)).spec;
  // The race is won by whoever comes first; make sure that it is the stranger by trying until one is.
  const stranger = await services.client.create(NAMESPACES, { metadata: { name: workspace } }).catch(() => undefined);
  if (stranger === undefined) return void (await services.ask("end", { session: reply.session.name }));
  await eventually(async () => assert.equal((await session(reply.session.name)).status?.phase, "Ended"), {
    timeoutMs: 20_000,
  });
  assert.equal((await session(reply.session.name)).status?.endReason, "Failed");
  assert.equal((await services.client.get(NAMESPACES, workspace)).metadata.deletionTimestamp, undefined);
});

test("killed provisioner and reaper finish what they began", async () => {
  const name = await services.template();
  const reply = await services.create({ template: name, user: { id: "kay" }, wait: "accepted" });
  await services.provisioner.crash();
  const { workspace } = (await session(reply.session.name)).spec;
  await reportReady(workspace);
  await eventually(async () => assert.equal((await session(reply.session.name)).status?.phase, "Ready"), {
    timeoutMs: 40_000,
  });
  await services.ask("end", { session: reply.session.name });
  await services.reaper.crash();
  await eventually(
    async () => assert.ok((await services.client.get(NAMESPACES, workspace)).metadata.deletionTimestamp),
    {
      timeoutMs: 40_000,
    },
  );
  await confirmPodsDeleted(workspace);
  await eventually(async () => gone(services.client.get<Workspace>(WORKSPACES, workspace)), { timeoutMs: 40_000 });
});

test("`kubectl delete session` ends it through the ordinary teardown", async () => {
  const name = await services.template();
  const reply = await services.create({ template: name, user: { id: "del" }, wait: "accepted" });
  const { workspace } = (await session(reply.session.name)).spec;
  await reportReady(workspace);
  await services.client.delete(SESSIONS, reply.session.name);
  await eventually(
    async () => assert.ok((await services.client.get(NAMESPACES, workspace)).metadata.deletionTimestamp),
    {
      timeoutMs: 40_000,
    },
  );
  await confirmPodsDeleted(workspace);
  await eventually(async () => gone(services.client.get(WORKSPACES, workspace)), { timeoutMs: 40_000 });
});

test("a workspace that comes after its session's end is torn down", async () => {
  const name = await services.template();
  const reply = await services.create({ template: name, user: { id: "late-workspace" }, wait: "accepted" });
  const { workspace } = (await session(reply.session.name)).spec;
  const { apiVersion, kind, metadata, spec } = await eventually(() => services.client.get(WORKSPACES, workspace), {
    timeoutMs: 10_000,
  });
  await services.ask("end", { session: reply.session.name });
  const ended = async (): Promise<void> => {
    await confirmPodsDeleted(workspace).catch(() => undefined);
    assert.equal((await session(reply.session.name)).status?.phase, "Ended");
  };
  await eventually(ended, { timeoutMs: 40_000 });

  // What a provisioner that slept through the end would still send.
  const { labels, ownerReferences, finalizers } = metadata;
  const late = { name: workspace, labels, ownerReferences, finalizers } as Workspace["metadata"];
  await services.client.create(WORKSPACES, { apiVersion, kind, metadata: late, spec });
  await eventually(
    async () => {
      await confirmPodsDeleted(workspace).catch(() => undefined);
      await gone(services.client.get(WORKSPACES, workspace));
      await gone(services.client.get(NAMESPACES, workspace));
    },
    { timeoutMs: 60_000 },
  );
});

test("a second workspace that came too late for a living session goes; the session stays", async () => {
  const name = await services.template();
  const reply = await services.create({ template: name, user: { id: "twice" }, wait: "accepted" });
  const { workspace } = (await session(reply.session.name)).spec;
  await reportReady(workspace);
  await eventually(async () => assert.equal((await session(reply.session.name)).status?.phase, "Ready"), {
    timeoutMs: 20_000,
  });
  const { apiVersion, kind, metadata, spec } = await services.client.get(WORKSPACES, workspace);
  // What a leader that slept through its successor's choice would still send.
  const { labels, ownerReferences, finalizers } = metadata;
  const second = { name: newWorkspaceName(), labels, ownerReferences, finalizers } as Workspace["metadata"];
  await services.client.create(WORKSPACES, { apiVersion, kind, metadata: second, spec });
  await eventually(
    async () => {
      await confirmPodsDeleted(second.name).catch(() => undefined);
      await gone(services.client.get(WORKSPACES, second.name));
      await gone(services.client.get(NAMESPACES, second.name));
    },
    { timeoutMs: 60_000 },
  );
  assert.equal((await session(reply.session.name)).status?.phase, "Ready");
  assert.equal((await services.client.get(WORKSPACES, workspace)).metadata.deletionTimestamp, undefined);
  await services.ask("end", { session: reply.session.name });
});

test("a ready session that loses its workspace fails; it gets no second one", async () => {
  const name = await services.template();
  const reply = await services.create({ template: name, user: { id: "loser" }, wait: "accepted" });
  const { workspace } = (await session(reply.session.name)).spec;
  await reportReady(workspace);
  await eventually(async () => assert.equal((await session(reply.session.name)).status?.phase, "Ready"), {
    timeoutMs: 20_000,
  });
  const before = await services.client.get(WORKSPACES, workspace);
  await services.client.delete(WORKSPACES, workspace);
  await eventually(
    async () => {
      await confirmPodsDeleted(workspace).catch(() => undefined);
      const { status } = await session(reply.session.name);
      assert.equal(status?.phase, "Ended");
      assert.equal(status.endReason, "Failed");
    },
    { timeoutMs: 60_000 },
  );
  const after = await services.client.get(WORKSPACES, workspace).catch(() => undefined);
  assert.ok(after === undefined || after.metadata.uid === before.metadata.uid);
});

test("a replay gets its answer although the template is gone", async () => {
  const name = await services.template();
  const key = randomUUID();
  const first = await services.create({ template: name, user: { id: "replay" }, wait: "accepted" }, key);
  await services.client.delete(SESSION_TEMPLATES, name);
  const again = await services.create({ template: name, user: { id: "replay" }, wait: "accepted" }, key);
  assert.equal(again.session.name, first.session.name);
  await services.ask("end", { session: first.session.name });
});

test("twenty creates at once do not pass a cap of one together", async () => {
  const tenant = await services.client.get(TENANTS, "acme");
  await services.client.mergePatch(TENANTS, "acme", { spec: { maxSessionsPerUser: 1 } });
  try {
    const name = await services.template();
    await eventually(
      async () => {
        const answers = await Promise.allSettled(
          Array.from({ length: 20 }, () =>
            services.create({ template: name, user: { id: "greedy" }, wait: "accepted" }),
          ),
        );
        // The provisioner may not have heard of the new cap in the first round.
        const made = (await services.client.list(SESSIONS)).items.filter((item) => item.spec.user.id === "greedy");
        const living = made.filter((item) => item.status?.phase !== "Ended" && item.spec.end === undefined);
        if (living.length > 1)
          await Promise.all(living.map((item) => services.ask("end", { session: item.metadata.name })));
        assert.equal(answers.filter(({ status }) => status === "fulfilled").length, 1);
        await Promise.all(living.map((item) => services.ask("end", { session: item.metadata.name })));
      },
      { timeoutMs: 60_000, everyMs: 3_000 },
    );
  } finally {
    await services.client.mergePatch(TENANTS, "acme", { spec: { maxSessionsPerUser: tenant.spec.maxSessionsPerUser } });
  }
});
