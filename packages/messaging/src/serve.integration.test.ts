import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as dial } from "node:net";
import { test } from "node:test";
import { ApiError, createRequestSchema, HEADERS, PROVISIONER_QUEUE, subjects } from "@carrel/api";
import { hasCode, systemClock } from "@carrel/std";
import { eventually, startNatsServer, type NatsServer } from "@carrel/testkit";
import { connect, headers } from "@nats-io/transport-node";
import { z } from "zod";
import { connectMessaging } from "./connect-messaging.ts";
import { RemoteError } from "./errors.ts";
import { inboxPrefix } from "./inbox.ts";
import type { IncomingRequest } from "./incoming-request.ts";
import type { Messaging } from "./messaging.ts";
import type { AnsweredRequest, Served, ServeOptions } from "./serve.ts";
import { connectedAs, recordingLog } from "./testing/connected.ts";

const accounts = { tenants: ["acme", "globex"] };
const create = (tenant: string): string => subjects.request(tenant, "create");
const anything = z.looseObject({});

type Options = Partial<Omit<ServeOptions<typeof anything>, "handle">>;
function serveCreate(
  messaging: Messaging,
  handle: (request: IncomingRequest<z.output<typeof anything>>) => Promise<object>,
  options: Options = {},
): Promise<Served> {
  return messaging.serve({
    subject: subjects.requests("create"),
    queue: PROVISIONER_QUEUE,
    schema: anything,
    handle,
    ...options,
  });
}

async function codeOf(request: Promise<unknown>): Promise<string> {
  try {
    await request;
    return "OK";
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    return error instanceof RemoteError ? error.code : `no answer: ${error.message}`;
  }
}

/** A client that sends what ours would not. */
async function rawClient(server: NatsServer, user: string): Promise<Awaited<ReturnType<typeof connect>>> {
  const { pass, inboxPrefix: prefix } = server.credentials(user);
  return connect({ servers: server.url, user, pass, inboxPrefix: prefix });
}

test("the handler sees tenant, body, headers, deadline, trace and id", async () => {
  await using server = await startNatsServer({ accounts });
  await using provisioner = await connectedAs(server, "provisioner");
  await using acme = await connectedAs(server, "acme");
  const seen: IncomingRequest<unknown>[] = [];
  await using _served = await serveCreate(provisioner, async (request) => {
    seen.push(request);
    return {};
  });
  const traceparent = `00-${"ab".repeat(16)}-${"cd".repeat(8)}-01`;
  const before = Date.now();
  const answer = await acme.request(
    create("acme"),
    { template: "lab" },
    {
      timeoutMs: 3000,
      headers: { [HEADERS.idempotencyKey]: "key-1", [HEADERS.traceparent]: traceparent, "X-Other": "yes" },
    },
  );
  const [request] = seen;
  assert.equal(request?.tenant, "acme");
  assert.deepEqual(request.body, { template: "lab" });
  assert.deepEqual(
    [request.idempotencyKey, request.traceparent, request.headers["x-other"]],
    ["key-1", traceparent, "yes"],
  );
  assert.equal(request.requestId, answer.requestId);
  assert.ok(request.deadlineMs >= before + 2999 && request.deadlineMs <= Date.now() + 3000);
  await acme.request(create("acme"), {});
  assert.match(seen[1]?.traceparent ?? "", /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
});

test("bad bodies are answered INVALID and never reach the handler", async () => {
  await using server = await startNatsServer({ accounts });
  await using provisioner = await connectedAs(server, "provisioner");
  await using _served = await provisioner.serve({
    subject: subjects.requests("create"),
    queue: PROVISIONER_QUEUE,
    schema: createRequestSchema,
    maxPayloadBytes: 1000,
    handle: () => assert.fail("it reached the handler"),
  });
  await using raw = await rawClient(server, "acme");
  const refusal = async (body: string): Promise<string> => {
    const message = await raw.request(create("acme"), body, { timeout: 2000 });
    const reply = message.json<{
      ok: boolean;
      requestId: string;
      error: { code: string; message: string; retryable: boolean };
    }>();
    assert.deepEqual([reply.ok, reply.error.code, reply.error.retryable], [false, "INVALID", false]);
    assert.ok(reply.requestId.length > 0);
    assert.equal(message.headers?.get("Nats-Service-Error-Code"), "400");
    return reply.error.message;
  };
  assert.equal(await refusal("{nope"), "the body is not JSON");
  assert.match(await refusal(""), /empty/);
  assert.match(await refusal('{"template":"lab","user":{"id":"u"},"templat":1}'), /unknown field templat/);
  assert.match(await refusal(JSON.stringify({ template: "lab", user: { id: "x".repeat(2000) } })), /at most 1000/);
  assert.match(await refusal("[".repeat(900)), /not JSON/);
});

test("malformed headers are answered, and do not end the connection's reader", async () => {
  await using server = await startNatsServer({ accounts });
  await using provisioner = await connectedAs(server, "provisioner");
  await using acme = await connectedAs(server, "acme");
  await using _served = await serveCreate(provisioner, async () => ({}));
  const { user, pass } = server.credentials("acme");
  const socket = dial(server.port, "127.0.0.1");
  await once(socket, "connect");
  let received = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => (received += chunk));
  const malformed = "NATS/1.0\r\nbad name\u0001: x\r\n\r\n";
  socket.write(`CONNECT ${JSON.stringify({ user, pass, headers: true, verbose: false })}\r\nSUB _INBOX_acme.raw 1\r\n`);
  socket.write(
    `HPUB ${create("acme")} _INBOX_acme.raw ${malformed.length} ${malformed.length + 2}\r\n${malformed}{}\r\nPING\r\n`,
  );
  await eventually(() => assert.match(received, /"code":"INVALID","message":"a header has a malformed/));
  socket.destroy();
  assert.equal(await codeOf(acme.request(create("acme"), {})), "OK");
});

test("deadlines: past, malformed, and an answer that always leaves in time", async () => {
  await using server = await startNatsServer({ accounts });
  await using provisioner = await connectedAs(server, "provisioner");
  await using acme = await connectedAs(server, "acme");
  let mode: "polite" | "stubborn" = "polite";
  let handled = 0;
  await using _served = await serveCreate(provisioner, async ({ signal }) => {
    handled += 1;
    if (mode === "stubborn") {
      await systemClock.sleep(2500);
      return { tooLate: true };
    }
    await systemClock.sleep(60_000, signal).catch(() => undefined);
    return { pending: true };
  });
  const ask = (deadline: string): Promise<unknown> =>
    acme.request(create("acme"), {}, { timeoutMs: 3000, headers: { [HEADERS.deadline]: deadline } });
  assert.equal(await codeOf(ask(String(Date.now() - 1))), "EXPIRED");
  assert.equal(await codeOf(ask("tomorrow")), "INVALID");
  assert.equal(handled, 0);

  for (const leftMs of [800, 1500]) {
    const deadline = Date.now() + leftMs;
    assert.deepEqual(Object.keys((await ask(String(deadline))) as object).toSorted(), ["ok", "pending", "requestId"]);
    assert.ok(Date.now() < deadline, `answered ${Date.now() - deadline} ms after its deadline`);
  }
  mode = "stubborn";
  const deadline = Date.now() + 1000;
  assert.equal(await codeOf(ask(String(deadline))), "UNAVAILABLE");
  assert.ok(Date.now() < deadline, `answered ${Date.now() - deadline} ms after its deadline`);
});

test("each request is answered exactly once, whatever its handler does", async () => {
  await using server = await startNatsServer({ accounts });
  const logger = recordingLog();
  await using provisioner = await connectedAs(server, "provisioner", { logger });
  const outcomes: AnsweredRequest[] = [];
  await using _served = await serveCreate(
    provisioner,
    async ({ body }) => {
      if (body["do"] === "throw") throw new TypeError("secret detail");
      if (body["do"] === "huge") return { text: "x".repeat(2_000_000) };
      if (body["do"] === "loop") return Object.assign({}, { big: 1n });
      if (body["do"] === "late") await systemClock.sleep(600);
      return { ok: false, requestId: "mine" };
    },
    { onAnswered: (answered) => outcomes.push(answered) },
  );
  await using raw = await rawClient(server, "acme");
  const replies: { ok: boolean; requestId: string; error?: { code: string; message: string } }[] = [];
  raw.subscribe("_INBOX_acme.count", { callback: (_error, message) => void replies.push(message.json()) });
  const bodies = ["throw", "huge", "loop", "late", "fine"];
  for (const body of bodies) {
    const withDeadline = headers();
    withDeadline.set(HEADERS.deadline, String(Date.now() + (body === "late" ? 200 : 5000)));
    raw.publish(create("acme"), JSON.stringify({ do: body }), { reply: "_INBOX_acme.count", headers: withDeadline });
    await eventually(() => assert.equal(replies.length, bodies.indexOf(body) + 1));
  }
  await systemClock.sleep(700);
  assert.deepEqual(
    replies.map((reply) => reply.error?.code ?? "OK"),
    ["INTERNAL", "INTERNAL", "INTERNAL", "UNAVAILABLE", "OK"],
  );
  assert.deepEqual(
    outcomes.map(({ outcome }) => outcome),
    ["INTERNAL", "INTERNAL", "INTERNAL", "UNAVAILABLE", "OK"],
  );
  assert.ok(!JSON.stringify(replies).includes("secret detail"));
  const logged = logger.lines.find(({ message }) => message === "a handler failed");
  assert.equal(logged?.fields["requestId"], replies[0]?.requestId);
  // A handler's fields never pass for those of the reply itself.
  assert.deepEqual([replies[4]?.ok, replies[4]?.requestId === "mine"], [true, false]);
});

test("overload is answered at once, and one tenant does not shut out another", async () => {
  await using server = await startNatsServer({ accounts });
  await using provisioner = await connectedAs(server, "provisioner");
  await using acme = await connectedAs(server, "acme");
  await using globex = await connectedAs(server, "globex");
  let running = 0;
  let peak = 0;
  const release = Promise.withResolvers<void>();
  await using served = await serveCreate(
    provisioner,
    async () => {
      peak = Math.max(peak, ++running);
      await release.promise;
      running -= 1;
      return {};
    },
    { maxInFlight: 4, maxQueued: 8 },
  );
  const flood = Array.from({ length: 40 }, () => {
    const start = performance.now();
    return acme.request(create("acme"), {}, { timeoutMs: 8000 }).then(
      () => ({ code: "OK", ms: 0, retryAfterMs: undefined }),
      (error: unknown) => {
        assert.ok(error instanceof RemoteError, String(error));
        return { code: error.code as string, ms: performance.now() - start, retryAfterMs: error.retryAfterMs };
      },
    );
  });
  await eventually(() => assert.deepEqual([served.inFlight(), served.queued()], [2, 4]));
  const other = [globex.request(create("globex"), {}), globex.request(create("globex"), {})];
  await eventually(() => assert.equal(served.inFlight(), 4));
  release.resolve();
  await Promise.all(other);
  const results = await Promise.all(flood);
  const refused = results.filter(({ code }) => code === "UNAVAILABLE");
  assert.deepEqual([results.filter(({ code }) => code === "OK").length, refused.length], [6, 34]);
  for (const { ms, retryAfterMs } of refused) assert.ok(ms < 2000 && retryAfterMs === 1000);
  assert.equal(peak, 4);
});

test("a request whose deadline passes while it waits is answered, and never handled", async () => {
  await using server = await startNatsServer({ accounts });
  await using provisioner = await connectedAs(server, "provisioner");
  await using acme = await connectedAs(server, "acme");
  const handled: unknown[] = [];
  const release = Promise.withResolvers<void>();
  await using _served = await serveCreate(
    provisioner,
    async ({ body }) => {
      handled.push(body["name"]);
      await release.promise;
      return {};
    },
    { maxInFlight: 1 },
  );
  const first = acme.request(create("acme"), { name: "first" }, { timeoutMs: 8000 });
  await eventually(() => assert.equal(handled.length, 1));
  const start = performance.now();
  assert.equal(await codeOf(acme.request(create("acme"), { name: "second" }, { timeoutMs: 800 })), "UNAVAILABLE");
  assert.ok(performance.now() - start < 800);
  release.resolve();
  await first;
  await systemClock.sleep(50);
  assert.deepEqual(handled, ["first"]);
});

test("drain: what was taken is answered, what comes later goes to another member", async () => {
  await using server = await startNatsServer({ accounts });
  await using first = await connectedAs(server, "provisioner");
  await using second = await connectedAs(server, "provisioner");
  await using acme = await connectedAs(server, "acme");
  const draining = await serveCreate(first, async ({ stopping }) => {
    // Requests that the server had sent already still come while it drains.
    await systemClock.sleep(5000, stopping).catch(() => undefined);
    await systemClock.sleep(100);
    return { by: "first" };
  });
  const early = Array.from({ length: 20 }, () => acme.request<{ by: string }>(create("acme"), {}));
  await eventually(() => assert.equal(draining.inFlight() + draining.queued(), 20));
  await using _served = await serveCreate(second, async () => ({ by: "second" }));
  const closing = draining.close();
  const late: Promise<{ by: string }>[] = [];
  while (late.length < 30) {
    late.push(acme.request<{ by: string }>(create("acme"), {}));
    await systemClock.sleep(10);
  }
  await closing;
  assert.deepEqual([draining.inFlight(), draining.queued(), draining.active()], [0, 0, false]);
  assert.deepEqual(new Set((await Promise.all(early)).map(({ by }) => by)), new Set(["first"]));
  const lateBy = (await Promise.all(late)).map(({ by }) => by);
  assert.equal(lateBy.at(-1), "second");
});

test("drain ends by itself beside a handler that never does, and its caller is answered", async () => {
  await using server = await startNatsServer({ accounts });
  await using provisioner = await connectedAs(server, "provisioner");
  await using acme = await connectedAs(server, "acme");
  const served = await serveCreate(provisioner, () => new Promise(() => {}), { maxInFlight: 2 });
  const codes = Array.from({ length: 3 }, () => codeOf(acme.request(create("acme"), {})));
  await eventually(() => assert.deepEqual([served.inFlight(), served.queued()], [1, 2]));
  const start = performance.now();
  await served.close(200);
  assert.ok(performance.now() - start < 2000);
  assert.deepEqual(await Promise.all(codes), ["UNAVAILABLE", "UNAVAILABLE", "UNAVAILABLE"]);
});

test("a tenant cannot make the provisioner write where the tenant may not", async () => {
  await using server = await startNatsServer({ accounts });
  const logger = recordingLog();
  await using provisioner = await connectedAs(server, "provisioner", { logger });
  await using globex = await connectedAs(server, "globex");
  await using raw = await rawClient(server, "acme");
  await using victim = await rawClient(server, "globex");
  const heard: string[] = [];
  victim.subscribe(`${inboxPrefix("globex")}.>`, { callback: (_error, message) => void heard.push(message.subject) });
  await victim.flush();
  let handled = 0;
  await using _served = await serveCreate(provisioner, async () => ({ count: ++handled }));
  await using events = globex.events("carrel.v1.evt.globex.>");
  for (const reply of [
    `${inboxPrefix("globex")}.x`,
    subjects.event("globex", "s1", "ready"),
    "$SYS.REQ.x",
    undefined,
  ]) {
    raw.publish(create("acme"), "{}", reply === undefined ? {} : { reply });
  }
  await eventually(() =>
    assert.equal(logger.lines.filter(({ message }) => message.startsWith("dropped a request")).length, 4),
  );
  assert.equal(await codeOf(globex.request(create("globex"), {})), "OK");
  assert.equal(handled, 1);
  provisioner.publishEvent(subjects.event("globex", "s1", "true"), {});
  const first = await events.next();
  assert.equal(first.value?.type === "event" && first.value.subject, subjects.event("globex", "s1", "true"));
  // Its own answer, and nothing that acme had asked for, which would have come before.
  await eventually(() => assert.equal(heard.length, 1));
  assert.notEqual(heard[0], `${inboxPrefix("globex")}.x`);
});

test("a subject without a tenant cannot be served", async () => {
  await using server = await startNatsServer();
  await using raw = await connectedAsAnybody(server);
  await assert.rejects(
    serveCreate(raw, async () => ({}), { subject: "carrel.v1.create" }),
    (error) => hasCode(error, "INVALID"),
  );
});

async function connectedAsAnybody(server: NatsServer): Promise<Messaging> {
  return connectMessaging({ servers: [server.url], name: "anybody", logger: recordingLog() });
}
