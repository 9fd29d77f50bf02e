import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { STREAMS, subjects } from "@carrel/api";
import { eventually, startNatsServer, type NatsServer } from "@carrel/testkit";
import { connect, headers, type NatsConnection, PermissionViolationError } from "@nats-io/transport-node";
import type { Messaging } from "./messaging.ts";
import { connectedAs } from "./testing/connected.ts";
import { countIn, streamsOf, workOn } from "./testing/create-queue.ts";

// The permissions of the chart, on a real server with the streams of a running provisioner.
let server: NatsServer;
let provisioner: Messaging;
const served = new AsyncDisposableStack();
before(async () => {
  server = served.use(await startNatsServer({ accounts: { tenants: ["acme", "globex"] }, jetstream: true }));
  provisioner = served.use(await connectedAs(server, "provisioner"));
  await (await workOn(provisioner, async () => ({}))).close();
  const globex = served.use(await connectedAs(server, "globex"));
  // A request of the victim's is in the queue all the time.
  (await globex.enqueue(subjects.asyncCreate("globex"), { template: "secret" }))[Symbol.dispose]();
});
after(() => served.disposeAsync());

/** A connection without anything of ours in between, and what the server complained of. */
async function rawClient(user: string): Promise<NatsConnection & AsyncDisposable & { readonly denied: string[] }> {
  const { pass, inboxPrefix } = server.credentials(user);
  const connection = await connect({ servers: server.url, user, pass, inboxPrefix });
  const denied: string[] = [];
  void (async () => {
    for await (const status of connection.status()) {
      if (status.type === "error" && status.error instanceof PermissionViolationError)
        denied.push(status.error.subject);
    }
  })();
  return Object.assign(connection, { denied, [Symbol.asyncDispose]: () => connection.close() });
}

const { creates, givenUp, deadLetters } = STREAMS;
const victim = "globex";
const forbiddenToPublish = [
  subjects.request(victim, "create"),
  subjects.request(victim, "end"),
  subjects.asyncCreate(victim),
  subjects.event(victim, "s1", "ready"),
  subjects.event("acme", "s1", "ready"),
  subjects.deadLetter(victim),
  subjects.deadLetter("acme"),
  `_INBOX_${victim}.x`,
  "_INBOX_provisioner.x",
  "_INBOX_operator.x",
  "$SRV.PING",
  "$SRV.STATS.carrel",
  "$JS.API.INFO",
  "$JS.API.STREAM.LIST",
  ...[creates, givenUp, deadLetters].flatMap((stream) => [
    `$JS.API.STREAM.INFO.${stream}`,
    `$JS.API.STREAM.UPDATE.${stream}`,
    `$JS.API.STREAM.DELETE.${stream}`,
    `$JS.API.STREAM.PURGE.${stream}`,
    `$JS.API.STREAM.MSG.GET.${stream}`,
    `$JS.API.STREAM.MSG.DELETE.${stream}`,
    `$JS.API.DIRECT.GET.${stream}`,
    `$JS.API.CONSUMER.CREATE.${stream}.spy`,
    `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.spy`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.provisioner`,
    `$JS.API.CONSUMER.DELETE.${stream}.provisioner`,
    `$JS.ACK.${stream}.provisioner.1.1.1.1.0`,
  ]),
  `$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${creates}.provisioner`,
];
const forbiddenToHear = [
  ">",
  "carrel.>",
  subjects.requests("create"),
  subjects.request(victim, "create"),
  subjects.request("acme", "create"),
  subjects.asyncCreate("*"),
  subjects.asyncCreate(victim),
  subjects.event(victim, "*", "*"),
  subjects.deadLetter("*"),
  subjects.deadLetter("acme"),
  `_INBOX_${victim}.>`,
  "_INBOX_provisioner.>",
  "_INBOX.>",
  "$SRV.>",
  "$SRV.PING",
  "$JS.>",
  "$JS.ACK.>",
  "$JS.EVENT.>",
  "$SYS.>",
];

test("a tenant can publish nothing but its own requests", async () => {
  await using streams = await streamsOf(server);
  await using acme = await rawClient("acme");
  for (const subject of forbiddenToPublish) acme.publish(subject, "{}", { reply: "_INBOX_acme.x" });
  await acme.flush();
  await eventually(() => assert.deepEqual(acme.denied, forbiddenToPublish));
  assert.deepEqual([await countIn(streams, creates), await countIn(streams, deadLetters)], [1, 0]);
});

test("a tenant can hear nothing but its own inbox and its own events", async () => {
  await using acme = await rawClient("acme");
  for (const subject of forbiddenToHear) acme.subscribe(subject, { callback: () => undefined });
  acme.subscribe("_INBOX_acme.>", { callback: () => undefined });
  acme.subscribe("carrel.v1.evt.acme.>", { callback: () => undefined });
  await acme.flush();
  await eventually(() => assert.deepEqual(acme.denied, forbiddenToHear));
});

test("all that a forged reply subject carries is the stream's own confirmation", async () => {
  await using acme = await rawClient("acme");
  await using globex = await rawClient(victim);
  const heard: unknown[] = [];
  globex.subscribe("_INBOX_globex.x", { callback: (_error, message) => void heard.push(message.json()) });
  await globex.flush();
  acme.publish(subjects.asyncCreate("acme"), '{"forged":true}', { reply: "_INBOX_globex.x" });
  await eventually(() => assert.deepEqual(heard, [{ stream: creates, seq: 2 }]));
});

test("one tenant's Nats-Msg-Id does not swallow another tenant's request, nor its own retry", async () => {
  await using acme = await rawClient("acme");
  await using globex = await rawClient(victim);
  const withId = headers();
  withId.set("Nats-Msg-Id", "guessed");
  const send = async (connection: NatsConnection, tenant: string): Promise<unknown> => {
    const stored = await connection.request(subjects.asyncCreate(tenant), "{}", { timeout: 2000, headers: withId });
    return stored.json<{ duplicate?: boolean }>().duplicate;
  };
  assert.equal(await send(acme, "acme"), undefined);
  // The shortest memory that a server has for ids is 0.1 s; by default it is two minutes.
  await eventually(async () => assert.equal(await send(globex, victim), undefined), { everyMs: 150 });
  await eventually(async () => assert.equal(await send(acme, "acme"), undefined), { everyMs: 150 });
});

test("reaper, proxy and operator can do nothing of the provisioner's", async () => {
  for (const user of ["reaper", "proxy", "operator"]) {
    await using connection = await rawClient(user);
    const tries = [
      subjects.request("acme", "create"),
      subjects.asyncCreate("acme"),
      "_INBOX_acme.x",
      `$JS.API.STREAM.MSG.GET.${creates}`,
      `$JS.API.CONSUMER.MSG.NEXT.${creates}.provisioner`,
      `$JS.API.STREAM.DELETE.${deadLetters}`,
    ];
    for (const subject of tries) connection.publish(subject, "{}");
    connection.subscribe(subjects.requests("create"), { callback: () => undefined });
    await connection.flush();
    await eventually(() => assert.deepEqual(connection.denied, [...tries, subjects.requests("create")], user));
  }
});

test("the provisioner can delete, purge and read no stream but its queue", async () => {
  await using connection = await rawClient("provisioner");
  const tries = [
    `$JS.API.STREAM.DELETE.${creates}`,
    `$JS.API.STREAM.PURGE.${creates}`,
    `$JS.API.STREAM.DELETE.${deadLetters}`,
    `$JS.API.STREAM.MSG.GET.${deadLetters}`,
    "$JS.API.STREAM.CREATE.OTHER",
    "$JS.API.STREAM.LIST",
    "_INBOX_nobody.x",
    "_INBOX_operator.x",
  ];
  for (const subject of tries) connection.publish(subject, "{}");
  await connection.flush();
  await eventually(() => assert.deepEqual(connection.denied, tries));
});
