import assert from "node:assert/strict";
import { cp, rm } from "node:fs/promises";
import { after, before, test } from "node:test";
import { HEADERS, subjects } from "@carrel/api";
import { SESSIONS } from "@carrel/kube";
import { NoAnswerError } from "@carrel/messaging";
import { eventually } from "@carrel/testkit";
import { connectedAgain, freshKey, someone, startFaultyServices, type FaultyServices } from "./support/nats-faults.ts";

// The NATS server is killed, frozen, and loses its streams; the provisioner and the API server stay.
let world: FaultyServices;
before(async () => {
  world = await startFaultyServices();
});
after(() => world[Symbol.asyncDispose]());

test("server down before a request: told at once, and the same key works when it is back", async () => {
  const { services, client, acme } = world;
  const template = await world.template();
  const [core, queued] = [freshKey(), freshKey()];
  await services.nats.kill();
  await eventually(() => assert.equal(acme.connected(), false));
  const subject = subjects.request("acme", "create");
  for (const request of [
    acme.request(
      subject,
      { template, user: someone() },
      { headers: { [HEADERS.idempotencyKey]: core }, timeoutMs: 60_000 },
    ),
    world.enqueue(queued, { template, user: someone() }),
  ]) {
    await assert.rejects(
      request,
      (error: unknown) => error instanceof NoAnswerError && error.why === "not-connected" && error.retryable,
    );
  }
  assert.equal((await world.sessionsOf(template)).length, 0);

  // The client's own retries bridge the outage.
  const creating = client.createSession({ template, user: someone() }, { idempotencyKey: core });
  await services.nats.restart();
  await connectedAgain(acme);
  const asked = await eventually(() => world.enqueue(queued, { template, user: someone() }), { timeoutMs: 20_000 });
  await world.makeReady(template, 2);
  assert.equal((await creating).session.state, "ready");
  assert.equal((await asked.answer).session.state, "ready");
});

test("server killed while requests run: their answers are lost, their sessions are not", async () => {
  const { services, client, acme } = world;
  const template = await world.template();
  const [core, queued] = [freshKey(), freshKey()];
  const request = { template, user: someone() };
  const headers = { [HEADERS.idempotencyKey]: core };
  const lost = assert.rejects(
    acme.request(subjects.request("acme", "create"), request, { headers, timeoutMs: 60_000 }),
    (error: unknown) => error instanceof NoAnswerError && error.why === "disconnected",
  );
  const asked = await world.enqueue(queued, request);
  const before = await eventually(async () => {
    const sessions = await world.sessionsOf(template);
    assert.equal(sessions.length, 2);
    return sessions.map(({ metadata }) => metadata.uid);
  });
  await services.nats.kill();
  await lost;
  await services.nats.restart();
  const creating = client.createSession(request, { idempotencyKey: core });
  await world.makeReady(template, 2);
  const answers = [await creating, await asked.answer];
  assert.deepEqual(new Set(answers.map(({ session }) => session.state)), new Set(["ready"]));
  for (const { token } of answers) assert.match(token ?? "", /^ey/);
  const uids = (await world.sessionsOf(template)).map(({ metadata }) => metadata.uid);
  assert.deepEqual(new Set(uids), new Set(before));
});

test("while NATS is away sessions become ready and end on time; when it is back they are told of", async () => {
  const { services, client, acme } = world;
  const lifetime = { duration: "25s", max: "1h", startDeadline: "5m" };
  const template = await world.template({ spec: { lifetime } });
  const { session } = await client.createSession({ template, user: someone(), wait: "accepted" });
  await services.nats.kill();
  await world.makeReady(template, 1);
  const stored = () => services.client.get(SESSIONS, session.name);
  await eventually(async () => assert.equal((await stored()).status?.phase, "Ready"), { timeoutMs: 30_000 });
  const { expiresAt } = (await stored()).spec;
  await eventually(async () => assert.match((await stored()).status?.phase ?? "", /^End/), { timeoutMs: 60_000 });
  // Never early.
  assert.ok(Date.now() >= Date.parse(expiresAt));
  await services.nats.restart();
  await connectedAgain(client, acme);
  const seen = await client.getSession(session.name, { deadlineMs: Date.now() + 20_000 });
  assert.match(seen.state, /^end/);
  assert.equal(seen.endReason, "Expired");
});

test("a frozen server costs a request its time and no more; thawed, everything goes on", async () => {
  const { services, client, acme } = world;
  const template = await world.template();
  await services.nats.freeze();
  const subject = subjects.request("acme", "list");
  await assert.rejects(
    acme.request(subject, {}, { timeoutMs: 1000 }),
    (error: unknown) => error instanceof NoAnswerError && error.why === "timeout" && error.retryable,
  );
  services.nats.thaw();
  const creating = client.createSession({ template, user: someone() });
  await world.makeReady(template, 1);
  assert.equal((await creating).session.state, "ready");
});

test("the server loses its streams: who waits asks again by itself, and there is one session", async () => {
  const { services, acme } = world;
  const template = await world.template();
  await services.provisioner.kill();
  const asked = await world.enqueue(freshKey(), { template, user: someone() });
  await services.nats.kill();
  await rm(services.nats.storePath, { recursive: true });
  await services.nats.restart();
  await connectedAgain(acme);
  await services.provisioner.start();
  await world.makeReady(template, 1);
  assert.equal((await asked.answer).session.state, "ready");
  assert.equal((await world.sessionsOf(template)).length, 1);
});

test("streams come back from an old copy: what ran before is replayed, what is too late is EXPIRED, nothing new is made", async () => {
  const { services, acme, client } = world;
  const { provisioner, nats } = services;
  const template = await world.template();
  await provisioner.kill();
  const late = freshKey();
  const asked = await world.enqueue(freshKey(), { template, user: someone() });
  const tooLate = await world.enqueue(late, { template, user: { id: "late" } }, 500);
  await assert.rejects(tooLate.answer, NoAnswerError);
  await nats.kill();
  const copy = `${nats.storePath}-copy`;
  await cp(nats.storePath, copy, { recursive: true });
  await nats.restart();
  await provisioner.start();
  await world.makeReady(template, 1);
  const first = await asked.answer;
  await eventually(() => assert.equal(expiredIn(provisioner.log()), 1));

  const startedAt = provisioner.log().length;
  await nats.kill();
  await rm(nats.storePath, { recursive: true });
  await cp(copy, nats.storePath, { recursive: true });
  await nats.restart();
  await connectedAgain(acme);
  await eventually(
    () => {
      const settled = settledIn(provisioner.log().slice(startedAt));
      // Whoever waited when the server came back for the first time may have asked twice.
      assert.ok((settled["OK"] ?? 0) >= 1 && settled["EXPIRED"] === 1, JSON.stringify(settled));
    },
    { timeoutMs: 40_000 },
  );
  const sessions = await world.sessionsOf(template);
  assert.deepEqual(
    sessions.map(({ metadata }) => metadata.name),
    [first.session.name],
  );
  await rm(copy, { recursive: true });
  await client.endSession(first.session.name);
});

/** How the provisioner settled queued requests, by outcome, as its log tells. */
function settledIn(log: string): Record<string, number> {
  const outcomes: Record<string, number> = {};
  for (const line of log.split("\n")) {
    if (!line.includes('"settled a queued request"')) continue;
    const { outcome } = JSON.parse(line) as { outcome: string };
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  return outcomes;
}

function expiredIn(log: string): number {
  return settledIn(log.slice(log.lastIndexOf("--- killed and started again")))["EXPIRED"] ?? 0;
}
