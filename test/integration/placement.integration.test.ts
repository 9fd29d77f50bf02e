import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import {
  sessionEventSchema,
  sessionName,
  subjects,
  type Session,
  type SessionOperation,
  type Workspace,
} from "@carrel/api";
import { LEASES, SESSION_TEMPLATES, SESSIONS, TENANTS, WORKSPACES } from "@carrel/kube";
import type { Messaging } from "@carrel/messaging";
import { hasCode } from "@carrel/std";
import { aTenant, eventually } from "@carrel/testkit";
import {
  startSessionServices,
  type ServiceProcess,
  type SessionServices,
  playKubelet,
  type PlayedKubelet,
} from "@carrel/servicekit";

const SPARES = 40;
const PLACES = 50;
const CLAIMERS = 200;

let services: SessionServices;
let kubelet: PlayedKubelet;
let acme: Messaging;
let rival: Messaging;
before(async () => {
  services = await startSessionServices({
    provisioners: 3,
    provisionerEnv: { CARREL_MAX_SESSIONS: String(PLACES), CARREL_LOG_LEVEL: "info" },
  });
  kubelet = playKubelet(services.client);
  await services.client.mergePatch(TENANTS, "acme", { spec: { maxSessions: 10_000, maxSessionsPerUser: 1000 } });
  await services.client.create(TENANTS, aTenant({ metadata: { name: "rival" }, spec: { maxSessionsPerUser: 25 } }));
  acme = await services.backend("acme");
  rival = await services.backend("rival");
});
after(async () => {
  await kubelet[Symbol.asyncDispose]();
  await services[Symbol.asyncDispose]();
});

const list = async (tenant: string): Promise<readonly Session[]> => {
  const { items } = await services.client.list(SESSIONS);
  return items.filter(
    ({ spec, status }) => spec.tenant === tenant && status?.phase !== "Ended" && spec.end === undefined,
  );
};
const inPhase = (sessions: readonly Session[], phase: string): readonly Session[] =>
  sessions.filter(({ status }) => status?.phase === phase);
const workspaces = async (): Promise<readonly Workspace[]> => (await services.client.list(WORKSPACES)).items;

/** Asked again, with the same key, while the answer is that nobody could answer. */
async function insist(
  messaging: Messaging,
  tenant: string,
  operation: SessionOperation,
  body: object,
  key: string = randomUUID(),
) {
  const answer = await eventually(
    async () => {
      try {
        return await messaging.request(subjects.request(tenant, operation), body, {
          headers: { "Idempotency-Key": key },
          timeoutMs: 10_000,
        });
      } catch (error) {
        if (hasCode(error, "UNAVAILABLE")) throw error;
        return error;
      }
    },
    { timeoutMs: 90_000, everyMs: 200 },
  );
  if (answer instanceof Error) throw answer;
}

const accept = (messaging: Messaging, tenant: string, template: string, user: string, key: string): Promise<void> =>
  insist(messaging, tenant, "create", { template, user: { id: user }, wait: "accepted" }, key);
const end = ({ metadata }: Session): Promise<void> => insist(acme, "acme", "end", { session: metadata.name });

async function leader(): Promise<ServiceProcess> {
  const lease = await services.client.get(LEASES, "carrel-provisioner", { namespace: "carrel-system" });
  const index = Number(/^provisioner-(\d)/.exec(lease.spec?.holderIdentity ?? "")?.[1]);
  const found = services.provisioners[index];
  assert.ok(found, `nobody leads: ${JSON.stringify(lease.spec)}`);
  return found;
}

/** No session has two Workspaces, no Workspace two sessions, and each knows of the other. */
async function assertMatched(): Promise<void> {
  const held = (await workspaces()).filter(({ spec }) => spec.session !== undefined && spec.terminate === undefined);
  const holders = held.map(({ spec }) => spec.session?.uid);
  assert.equal(new Set(holders).size, holders.length, "a session has two workspaces");
  const byName = new Map(held.map((workspace) => [workspace.metadata.name, workspace]));
  const ready = inPhase((await services.client.list(SESSIONS)).items, "Ready");
  assert.equal(new Set(ready.map(({ spec }) => spec.workspace)).size, ready.length, "two sessions name a workspace");
  for (const { metadata, spec, status } of ready) {
    const workspace = byName.get(spec.workspace);
    assert.equal(workspace?.spec.session?.uid, metadata.uid, `${metadata.name} holds what it names`);
    assert.equal(status?.pod?.uid, workspace?.status?.pod?.uid);
    assert.equal(workspace?.spec.variables["user.id"], spec.user.id, "whose variables are its own");
  }
}

let template: string;

test("200 claims on 40 spares while the leader is killed: none lost, none double, no place too many", async () => {
  template = await services.template({ spec: { pool: { size: SPARES } } });
  await eventually(
    async () => {
      const { status } = await services.client.get(SESSION_TEMPLATES, template);
      assert.deepEqual(status?.pool, { wanted: SPARES, ready: SPARES, starting: 0 });
    },
    { timeoutMs: 180_000, everyMs: 500 },
  );
  const spares = new Set((await workspaces()).map(({ metadata }) => metadata.name));
  const storm = Promise.all(
    Array.from({ length: CLAIMERS }, (_, index) => accept(acme, "acme", template, `u${index}`, `storm-${index}`)),
  );
  await eventually(async () => assert.ok(inPhase(await list("acme"), "Ready").length >= 10), {
    timeoutMs: 60_000,
    everyMs: 5,
  });
  const killed = await leader();
  await killed.kill();
  await storm;
  await eventually(
    async () => {
      const sessions = await list("acme");
      assert.equal(sessions.length, CLAIMERS, "nobody is lost");
      assert.equal(inPhase(sessions, "Ready").length, PLACES);
      assert.equal(inPhase(sessions, "Queued").length, CLAIMERS - PLACES);
    },
    { timeoutMs: 120_000, everyMs: 500 },
  );
  await killed.start();
  await assertMatched();
  const claimed = (await workspaces()).filter(
    ({ metadata, spec }) => spec.session !== undefined && spares.has(metadata.name),
  );
  assert.equal(claimed.length, SPARES, "every spare found its session");
});

test("those who wait know their place; who gives up frees it, and the line moves on", async () => {
  const queued = await eventually(
    async () => {
      const waiting = inPhase(await list("acme"), "Queued");
      const places = waiting.map(({ status }) => status?.queue?.position ?? 0).sort((a, b) => a - b);
      assert.deepEqual(
        places.slice(0, 50),
        Array.from({ length: 50 }, (_, index) => index + 1),
      );
      return waiting;
    },
    { timeoutMs: 60_000, everyMs: 500 },
  );
  const first = queued.find(({ status }) => status?.queue?.position === 1);
  const second = queued.find(({ status }) => status?.queue?.position === 2);
  assert.ok(first !== undefined && second !== undefined);
  const condition = second.status?.conditions?.find(({ type }) => type === "Ready");
  assert.equal(condition?.reason, "Queued");
  assert.match(condition.message, /^Place 2 in the line/);
  await using events = acme.events(subjects.event("acme", second.metadata.name, "queued"));
  await events.ready;
  await end(first);
  await eventually(
    async () => {
      const moved = await services.client.get(SESSIONS, second.metadata.name);
      assert.equal(moved.status?.queue?.position, 1);
    },
    { timeoutMs: 30_000, everyMs: 200 },
  );
  const { value: event } = await events.next();
  assert.ok(event?.type === "event");
  assert.equal(sessionEventSchema.parse(event.body).session.queue?.position, 1);
  await assert.rejects(services.client.get(WORKSPACES, first.spec.workspace), "nothing was ever made for it");
});

test("a tenant that comes with five is not behind the hundred and fifty that another has in the line", async () => {
  for (let index = 0; index < 5; index++) await accept(rival, "rival", template, `r${index}`, `calm-${index}`);
  await eventually(async () => assert.equal(inPhase(await list("rival"), "Queued").length, 5), { timeoutMs: 20_000 });
  const before = await list("acme");
  const leaving = inPhase(before, "Ready").slice(0, 12);
  await Promise.all(leaving.map(end));
  await eventually(
    async () => {
      const [calm, noisy] = await Promise.all([list("rival"), list("acme")]);
      assert.equal(inPhase(calm, "Ready").length, 5);
      assert.equal(inPhase(noisy, "Ready").length, PLACES - 5);
    },
    { timeoutMs: 60_000, everyMs: 500 },
  );
  const waited = inPhase(await list("rival"), "Ready");
  for (const { metadata, spec, status } of waited) {
    assert.equal(status?.queue, undefined, "its place in the line is no more");
    // It got its full hour when it got its place.
    const startedMs = Date.parse(status?.readyAt ?? "");
    assert.ok(Date.parse(spec.expiresAt) - startedMs > 3_600_000 - 60_000, metadata.name);
  }
  await assertMatched();
});

test("whoever waits longer than may is given up, and says so", async () => {
  const brief = await services.template({ spec: { lifetime: { queueDeadline: "2s" } } });
  const key = randomUUID();
  const asked = services.ask("create", { template: brief, user: { id: "brief" } }, { "Idempotency-Key": key });
  await assert.rejects(asked, (error: Error & { code?: string }) => {
    assert.equal(error.code, "NO_CAPACITY");
    assert.match(error.message, /QueueDeadlineExceeded/);
    return true;
  });
  const ended = await services.client.get(SESSIONS, sessionName("acme", key));
  assert.equal(ended.status?.endReason, "QueueDeadlineExceeded");
  await assert.rejects(services.client.get(WORKSPACES, ended.spec.workspace));
});

test("three replicas, a hundred creates each at once: the cap of a user is met exactly", async () => {
  await Promise.all((await list("acme")).map(end));
  await eventually(async () => assert.equal((await list("acme")).length, 0), { timeoutMs: 60_000 });
  const plain = await services.template();
  const answers = await Promise.allSettled(
    Array.from({ length: 300 }, () =>
      insist(rival, "rival", "create", { template: plain, user: { id: "many" }, wait: "accepted" }),
    ),
  );
  assert.ok(answers.filter(({ status }) => status === "fulfilled").length >= 25);
  await eventually(
    async () => {
      const all = (await services.client.list(SESSIONS)).items.filter(({ spec }) => spec.user.id === "many");
      const living = all.filter(({ spec }) => spec.end === undefined);
      assert.equal(living.length, 25);
      assert.equal(inPhase(living, "Ready").length, 25);
      for (const { spec } of all.filter((session) => session.spec.end !== undefined))
        assert.equal(spec.end?.reason, "CapExceeded");
    },
    { timeoutMs: 120_000, everyMs: 500 },
  );
  const made = (await workspaces()).filter(({ spec }) => spec.variables["user.id"] === "many");
  assert.equal(made.length, 25, "nobody beyond the cap ever had a workspace");
});
