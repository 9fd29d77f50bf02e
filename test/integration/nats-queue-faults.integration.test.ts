import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { ApiError, HEADERS, subjects } from "@carrel/api";
import { TENANTS } from "@carrel/kube";
import { connectMessaging, inboxPrefix, silentLog } from "@carrel/messaging";
import { eventually } from "@carrel/testkit";
import { codeOf, freshKey, someone, startFaultyServices, type FaultyServices } from "./support/nats-faults.ts";
import { playKubelet } from "@carrel/servicekit";

// The queue gets what it should not, fills up, and meets a cluster that is full.
let world: FaultyServices;
const cleanup = new AsyncDisposableStack();
before(async () => {
  const provisionerEnv = { CARREL_CREATES_MAX_QUEUED: "4", CARREL_MAX_SESSIONS: "2" };
  world = cleanup.use(await startFaultyServices({ provisionerEnv }));
  cleanup.use(playKubelet(world.services.client));
});
after(() => cleanup.disposeAsync());

test("poison, CONFLICT and EXPIRED are answered, and the queue moves on", async () => {
  const { acme, client } = world;
  const template = await world.template();
  const user = someone();
  const key = freshKey();
  const subject = subjects.asyncCreate("acme");
  const send = async (body: object, headers: Readonly<Record<string, string>>): Promise<string> => {
    const asked = await acme.enqueue(subject, body, { headers, answerTimeoutMs: 30_000 });
    return await codeOf(asked.answer);
  };
  const good = { template, user, wait: "accepted" };
  assert.equal(await send({ nonsense: true }, { [HEADERS.idempotencyKey]: freshKey() }), "INVALID");
  assert.equal(await send(good, {}), "INVALID");
  assert.equal(await send({ ...good, template: "no-such" }, { [HEADERS.idempotencyKey]: freshKey() }), "NOT_FOUND");
  assert.equal(await send(good, { [HEADERS.idempotencyKey]: key }), "OK");
  assert.equal(await send(good, { [HEADERS.idempotencyKey]: key }), "OK");
  const other = { ...good, user: someone() };
  assert.equal(await send(other, { [HEADERS.idempotencyKey]: key }), "CONFLICT");
  const late = { [HEADERS.idempotencyKey]: freshKey(), [HEADERS.deadline]: String(Date.now() - 1) };
  assert.equal(await send(good, late), "EXPIRED");
  const sessions = await world.sessionsOf(template);
  assert.equal(sessions.length, 1);
  for (const { metadata } of sessions) await client.endSession(metadata.name);
});

test("a full queue refuses at once and loses nothing of what it has", async () => {
  const { services, client } = world;
  const template = await world.template();
  await services.provisioner.kill();
  const kept = [await queueOne(template), await queueOne(template)];
  await assert.rejects(
    queueOne(template),
    (error: unknown) => error instanceof ApiError && error.code === "UNAVAILABLE" && error.retryAfterMs === 1000,
  );
  await services.provisioner.start();
  for (const asked of kept) assert.equal(await codeOf(asked.answer), "OK");
  const sessions = await world.sessionsOf(template);
  assert.equal(sessions.length, 2);
  for (const { metadata } of sessions) await client.endSession(metadata.name);
});

function queueOne(template: string) {
  return world.enqueue(freshKey(), { template, user: someone(), wait: "accepted" });
}

test("no capacity: the caller is told when to ask again, the queue asks for it until there is some", async () => {
  const { services, client, acme } = world;
  const template = await world.template();
  await services.client.mergePatch(TENANTS, "acme", { spec: { maxQueued: 1 } });
  const ask = () =>
    acme.request<{ session: { name: string } }>(
      subjects.request("acme", "create"),
      { template, user: someone(), wait: "accepted" },
      { headers: { [HEADERS.idempotencyKey]: freshKey() }, timeoutMs: 5000 },
    );
  const made: string[] = [];
  try {
    // Sessions are made until the cluster is full and one waits.
    const refused = await eventually(
      async () => {
        try {
          made.push((await ask()).session.name);
        } catch (error) {
          return error;
        }
        throw new Error("there is still room");
      },
      { timeoutMs: 30_000, everyMs: 500 },
    );
    assert.ok(refused instanceof ApiError);
    assert.deepEqual([refused.code, refused.retryable], ["NO_CAPACITY", true]);
    assert.ok((refused.retryAfterMs ?? 0) > 0);
    const asked = await world.enqueue(freshKey(), { template, user: someone(), wait: "accepted" }, 60_000);
    await eventually(() => assert.match(services.provisioner.log(), /"outcome":"NO_CAPACITY","retried":true/), {
      timeoutMs: 20_000,
    });
    for (const name of made) await client.endSession(name);
    assert.equal(await codeOf(asked.answer), "OK");
  } finally {
    await services.client.mergePatch(TENANTS, "acme", { spec: { maxQueued: 1000 } });
  }
});

test("a consumer of events that does not read is cut off by the server; nobody else notices", async () => {
  const { services, acme } = world;
  const { user, pass } = services.nats.credentials("acme");
  // It subscribes and never reads again.
  const stalled = connect({ host: "127.0.0.1", port: services.nats.port });
  await once(stalled, "data");
  stalled.pause();
  const options = JSON.stringify({
    verbose: false,
    pedantic: false,
    user,
    pass,
    lang: "none",
    version: "0",
    protocol: 1,
  });
  stalled.write(`CONNECT ${options}\r\nSUB carrel.v1.evt.acme.> 1\r\n`);
  stalled.on("error", () => undefined);
  const credentials = services.nats.credentials("provisioner");
  await using publisher = await connectMessaging({
    servers: [services.nats.url],
    credentials: { user: "provisioner", password: credentials.pass },
    name: "a busy provisioner",
    inboxPrefix: inboxPrefix("provisioner"),
    logger: silentLog,
  });
  await using events = acme.events("carrel.v1.evt.acme.session.s1.>");
  await events.ready;
  const filler = "x".repeat(100_000);
  for (let n = 0; n < 300; n++) publisher.publishEvent(subjects.event("acme", "noise", "ready"), { filler });
  const told = eventually(async () => assert.match(await services.nats.log(), /Slow Consumer Detected/), {
    timeoutMs: 40_000,
  });
  for (let n = 0; n < 20; n++) {
    await acme.request(subjects.request("acme", "list"), { limit: 1 }, { timeoutMs: 3000 });
  }
  await told;
  publisher.publishEvent(subjects.event("acme", "s1", "ready"), { n: 1 });
  const { value } = await events.next();
  assert.equal(value?.type === "event" && value.subject, subjects.event("acme", "s1", "ready"));
  stalled.destroy();
});
