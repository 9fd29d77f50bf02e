import assert from "node:assert/strict";
import { test } from "node:test";
import { HEADERS, STREAMS, subjects } from "@carrel/api";
import { eventually, startNatsServer, type NatsServer } from "@carrel/testkit";
import { connect, headers, type MsgHdrs, type NatsConnection } from "@nats-io/transport-node";
import { z } from "zod";
import { connectedAs } from "../testing/connected.ts";
import { countIn, createsLayout, keyed, onlyDeadLetter, streamsOf, workOn } from "../testing/create-queue.ts";

const accounts = { tenants: ["acme", "globex"] };
const subject = subjects.asyncCreate("acme");
const schema = z.strictObject({ template: z.string() });

/** A client that sends what ours would not. */
async function rawClient(server: NatsServer, user: string): Promise<NatsConnection & AsyncDisposable> {
  const { pass, inboxPrefix } = server.credentials(user);
  const connection = await connect({ servers: server.url, user, pass, inboxPrefix });
  return Object.assign(connection, { [Symbol.asyncDispose]: () => connection.close() });
}

function withHeaders(values: Readonly<Record<string, string>>): MsgHdrs {
  const result = headers();
  for (const [name, value] of Object.entries(values)) result.set(name, value);
  return result;
}

const poison: readonly [string, string | Uint8Array, Readonly<Record<string, string>>, string][] = [
  ["no JSON", "{", {}, "INVALID"],
  ["nothing", "", {}, "INVALID"],
  ["no UTF-8", Uint8Array.of(0xff, 0xfe, 0x22), {}, "INVALID"],
  ["an unknown field", JSON.stringify({ template: "lab", evil: true }), {}, "INVALID"],
  ["the wrong shape", "[[[[1]]]]", {}, "INVALID"],
  ["more than is taken", JSON.stringify({ template: "x".repeat(70_000) }), {}, "INVALID"],
  ["a deadline that is none", '{"template":"lab"}', { [HEADERS.deadline]: "soon" }, "INVALID"],
  ["a deadline in the past", '{"template":"lab"}', { [HEADERS.deadline]: "1000" }, "EXPIRED"],
];
for (const [what, body, extra, code] of poison) {
  test(`poison is answered, kept and gone, and the queue moves: ${what}`, async () => {
    await using server = await startNatsServer({ accounts, jetstream: true });
    await using streams = await streamsOf(server);
    await using provisioner = await connectedAs(server, "provisioner");
    await using acme = await connectedAs(server, "acme");
    await using raw = await rawClient(server, "acme");
    const handled: unknown[] = [];
    await using _queue = await workOn(
      provisioner,
      async (request) => {
        handled.push(request.body);
        return {};
      },
      { schema, redact: () => "kept" } as object,
    );
    const answers: { readonly error: { readonly code: string } }[] = [];
    const errorCodes: string[] = [];
    raw.subscribe("_INBOX_acme.poison", {
      callback: (_error, message) => {
        answers.push(message.json());
        errorCodes.push(message.headers?.get("Nats-Service-Error-Code") ?? "");
      },
    });
    await raw.request(subject, body, {
      timeout: 2000,
      headers: withHeaders({ ...extra, "Reply-To": "_INBOX_acme.poison" }),
    });
    const next = await acme.enqueue(subject, { template: "lab" }, { headers: keyed("next"), answerTimeoutMs: 10_000 });
    await next.answer;
    await eventually(() => assert.equal(answers[0]?.error.code, code));
    assert.equal(errorCodes[0], code === "INVALID" ? "400" : "410");
    assert.deepEqual(handled, [{ template: "lab" }]);
    const letter = await onlyDeadLetter(streams);
    assert.equal((letter["error"] as { code: string }).code, code);
    await eventually(async () => assert.equal(await countIn(streams, STREAMS.creates), 0));
  });
}

test("an inbox that is not the tenant's hears nothing, whatever the header says", async () => {
  await using server = await startNatsServer({ accounts, jetstream: true });
  await using streams = await streamsOf(server);
  await using provisioner = await connectedAs(server, "provisioner");
  await using raw = await rawClient(server, "acme");
  await using globex = await rawClient(server, "globex");
  await using operator = await rawClient(server, "operator");
  const heard: string[] = [];
  const hear = (_error: Error | null, message: { readonly subject: string }): void => void heard.push(message.subject);
  globex.subscribe("_INBOX_globex.>", { callback: hear });
  globex.subscribe("carrel.v1.evt.globex.>", { callback: hear });
  operator.subscribe("_INBOX_operator.x", { callback: hear });
  await Promise.all([globex.flush(), operator.flush()]);
  let calls = 0;
  await using _queue = await workOn(provisioner, async () => {
    calls += 1;
    return {};
  });
  const forged = [
    "_INBOX_globex.x",
    "_INBOX_operator.x",
    "_INBOX_acme",
    "_INBOX_acme.",
    "_INBOX_acme.*",
    "_INBOX_acme.>",
    "_INBOX_acme.a b",
    "_INBOX_acmeevil.x",
    "carrel.v1.evt.globex.session.s1.ready",
    "carrel.v1.dlq.globex.session.create",
    "$JS.API.STREAM.DELETE.CARREL_CREATES",
    "_R_.x",
    "",
  ];
  for (const replyTo of forged) {
    await raw.request(subject, "{}", { timeout: 2000, headers: withHeaders({ "Reply-To": replyTo }) });
  }
  await eventually(async () => assert.equal(await countIn(streams, STREAMS.deadLetters), forged.length));
  await eventually(async () => assert.equal(await countIn(streams, STREAMS.creates), 0));
  assert.equal(calls, 0);
  await Promise.all([globex.flush(), operator.flush()]);
  assert.deepEqual(heard, []);
});

test("a request that nobody brings to an end is answered FAILED, kept and deleted", async () => {
  await using server = await startNatsServer({ accounts, jetstream: true });
  await using streams = await streamsOf(server);
  await using acme = await connectedAs(server, "acme");
  await using provisioner = await connectedAs(server, "provisioner");
  const layout = { ...createsLayout, maxDeliver: 2 };
  await (await workOn(provisioner, async () => ({}), layout)).close();
  const queued = await acme.enqueue(
    subject,
    { template: "lab" },
    { headers: keyed("doomed"), answerTimeoutMs: 30_000 },
  );

  // Two workers that take it and are never heard of again.
  await using lost = await rawClient(server, "provisioner");
  let deliveries = 0;
  lost.subscribe("_INBOX_provisioner.lost", { callback: () => void (deliveries += 1) });
  for (let delivery = 1; delivery <= 2; delivery++) {
    lost.publish(`$JS.API.CONSUMER.MSG.NEXT.${STREAMS.creates}.provisioner`, '{"batch":1,"expires":9000000000}', {
      reply: "_INBOX_provisioner.lost",
    });
    await eventually(() => assert.equal(deliveries, delivery));
  }
  let calls = 0;
  await using _queue = await workOn(
    provisioner,
    async () => {
      calls += 1;
      return {};
    },
    { ...layout, redact: (body) => body },
  );
  await assert.rejects(queued.answer, (error: { code?: string }) => error.code === "FAILED");
  assert.equal(calls, 0);
  const letter = await onlyDeadLetter(streams);
  assert.deepEqual([letter["deliveryCount"], letter["body"]], [2, { template: "lab" }]);
  await eventually(async () => assert.equal(await countIn(streams, STREAMS.creates), 0));
  await eventually(async () => assert.equal(await countIn(streams, STREAMS.givenUp), 0));
});

test("the dead letter holds nothing of the body unless it is let through, and never a body that is no JSON", async () => {
  await using server = await startNatsServer({ accounts, jetstream: true });
  await using streams = await streamsOf(server);
  await using provisioner = await connectedAs(server, "provisioner");
  await using raw = await rawClient(server, "acme");
  await using _queue = await workOn(provisioner, async () => ({}));
  await raw.request(subject, '{"password":"hunter2"', { timeout: 2000 });
  const letter = await onlyDeadLetter(streams);
  assert.doesNotMatch(JSON.stringify(letter), /hunter2/);
  assert.equal(letter["bytes"], 21);
});
