import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, subjects } from "@carrel/api";
import { hasCode, systemClock } from "@carrel/std";
import { eventually, startNatsServer, type NatsServer } from "@carrel/testkit";
import { CarrelClient, type CarrelClientOptions } from "./carrel-client.ts";
import { startResponder, viewOf } from "./testing/scripted-responder.ts";

const accounts = { tenants: ["acme", "globex"] };
const request = { template: "lab", user: { id: "u1" } };

function clientOf(server: NatsServer, options: Partial<CarrelClientOptions> = {}): Promise<CarrelClient> {
  const { user, pass } = server.credentials("acme");
  return CarrelClient.connect({
    servers: [server.url],
    tenant: "acme",
    credentials: { user, password: pass },
    ...options,
  });
}

test("create: the same key on each retry, until it is ready", async () => {
  await using server = await startNatsServer({ accounts });
  const keys: (string | undefined)[] = [];
  await using _responder = await startResponder(server, async ({ idempotencyKey }, view) => {
    keys.push(idempotencyKey);
    if (keys.length === 1) throw new ApiError("UNAVAILABLE", "no API server", { retryAfterMs: 50 });
    if (keys.length === 2) throw new ApiError("NO_CAPACITY", "full");
    if (keys.length === 3) return { session: view };
    return { session: { ...view, state: "ready" }, token: "t", loginUrl: "https://x/?carrel_token=t" };
  });
  await using client = await clientOf(server);
  const answer = await client.createSession(request, { idempotencyKey: "order-7" });
  assert.deepEqual(keys, ["order-7", "order-7", "order-7", "order-7"]);
  assert.equal(answer.session.name, client.sessionNameOf("order-7"));
  assert.deepEqual(Object.keys(answer), ["session", "token", "loginUrl"]);

  keys.length = 3;
  await client.createSession(request);
  assert.match(keys[3] ?? "", /^[0-9a-f-]{36}$/);
});

test("create: refusals at once, `accepted` at once, `pending` at the deadline", async () => {
  await using server = await startNatsServer({ accounts });
  let error: ApiError | undefined = new ApiError("CONFLICT", "another body");
  let calls = 0;
  await using _responder = await startResponder(server, async ({ signal }, view) => {
    calls += 1;
    if (error !== undefined) throw error;
    await systemClock.sleep(60_000, signal).catch(() => undefined);
    return { session: view };
  });
  await using client = await clientOf(server);
  await assert.rejects(client.createSession(request), (thrown) => hasCode(thrown, "CONFLICT"));
  assert.equal(calls, 1);
  await assert.rejects(client.createSession({ ...request, template: "No Such" }), (thrown) =>
    hasCode(thrown, "INVALID"),
  );

  error = undefined;
  const deadlineMs = Date.now() + 1500;
  const { session } = await client.createSession(request, { deadlineMs });
  assert.equal(session.state, "pending");
  assert.ok(Date.now() <= deadlineMs);
  calls = 0;
  const accepted = await client.createSession({ ...request, wait: "accepted" }, { deadlineMs: Date.now() + 900 });
  assert.deepEqual([accepted.session.state, calls], ["pending", 1]);
});

test("create survives a provisioner that is not there yet, and a NATS that is killed meanwhile", async () => {
  await using server = await startNatsServer({ accounts });
  await using client = await clientOf(server);
  const early = client.createSession(request, { idempotencyKey: "k1" });
  await systemClock.sleep(300);
  const started = Promise.withResolvers<void>();
  let slow = true;
  await using responder = await startResponder(server, async (_request, view) => {
    started.resolve();
    if (slow) await systemClock.sleep(300);
    return { session: { ...view, state: "ready" } };
  });
  assert.equal((await early).session.state, "ready");
  const interrupted = client.createSession(request, { idempotencyKey: "k2" });
  await started.promise;
  await systemClock.sleep(50);
  await server.kill();
  slow = false;
  await eventually(() => assert.equal(client.connected(), false));
  await server.restart();
  assert.equal((await interrupted).session.name, client.sessionNameOf("k2"));
  assert.equal(responder.connected(), true);
});

test("without anybody to answer, the deadline holds", async () => {
  await using server = await startNatsServer({ accounts });
  await using client = await clientOf(server);
  const start = Date.now();
  await assert.rejects(client.getSession("saaaaaaaaaaaaaaaaaaaa", { deadlineMs: start + 700 }), (error) =>
    hasCode(error, "UNAVAILABLE"),
  );
  const took = Date.now() - start;
  // Without the deadline it would be 15 s; the rest is for a busy machine.
  assert.ok(took > 300 && took < 3000, `${took} ms`);
});

test("list goes through all pages; a token comes with its URL", async () => {
  await using server = await startNatsServer({ accounts });
  await using _responder = await startResponder(server, async (_request, view) => ({ session: view }));
  await using client = await clientOf(server);
  const names: string[] = [];
  for await (const session of client.listSessions({ pageSize: 3 })) names.push(session.name);
  assert.deepEqual(names, ["s0", "s1", "s2", "s3", "s4", "s5", "s6"]);
  const { session, token, loginUrl } = await client.sessionToken("saaaaaaaaaaaaaaaaaaaa");
  assert.deepEqual([session.state, token, loginUrl], ["ready", "t", "https://s/?carrel_token=t"]);
});

test("events: all sessions or one, with the session as it was", async () => {
  await using server = await startNatsServer({ accounts });
  await using responder = await startResponder(server, async (_request, view) => ({ session: view }));
  await using client = await clientOf(server);
  await using all = client.watchEvents();
  await using one = client.watchEvents({ session: "s2" });
  await Promise.all([all.ready, one.ready]);
  const view = viewOf("acme", "s1", "ready");
  const ended = { ...viewOf("acme", "s2", "pending"), state: "ending", endReason: "Expired" };
  responder.publishEvent(subjects.event("acme", "s1", "ready"), { session: view });
  responder.publishEvent(subjects.event("globex", "s9", "ready"), { session: view });
  responder.publishEvent(subjects.event("acme", "s2", "ending"), { session: ended });
  assert.deepEqual((await all.next()).value, { type: "event", session: "s1", event: "ready", view });
  const ending = { type: "event", session: "s2", event: "ending", view: ended };
  assert.deepEqual((await all.next()).value, ending);
  assert.deepEqual((await one.next()).value, ending);
  await server.kill();
  await server.restart();
  assert.deepEqual((await one.next()).value, { type: "gap", reason: "reconnected" });
});

test("who is not a tenant, or not this one, is told so", async () => {
  await using server = await startNatsServer({ accounts });
  for (const tenant of ["", "*", "a.b", ">", "UPPER"]) {
    await assert.rejects(clientOf(server, { tenant }), (error) => hasCode(error, "INVALID"), tenant);
  }
  await using stranger = await clientOf(server, { tenant: "globex" });
  await assert.rejects(stranger.getSession("saaaaaaaaaaaaaaaaaaaa"), (error) => hasCode(error, "FORBIDDEN"));
  await assert.rejects(clientOf(server, { credentials: { user: "acme", password: "wrong" } }), (error) =>
    hasCode(error, "UNAUTHENTICATED"),
  );
});
