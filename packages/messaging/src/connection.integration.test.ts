import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { subjects } from "@carrel/api";
import { hasCode } from "@carrel/std";
import { eventually, startNatsServer } from "@carrel/testkit";
import { connectMessaging } from "./connect-messaging.ts";
import type { ReceivedEvent } from "./events.ts";
import { silentLog } from "./log-sink.ts";
import { connectedAs, recordingLog } from "./testing/connected.ts";

const accounts = { tenants: ["acme", "globex"] };

test("a password file, read again at each connect: wrong is refused at once, rotated is taken up", async (t) => {
  await using server = await startNatsServer({ accounts });
  const { pass } = server.credentials("acme");
  const folder = mkdtempSync(join(tmpdir(), "carrel-nats-test-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const passwordFile = join(folder, "password");
  const connect = (): ReturnType<typeof connectMessaging> =>
    connectMessaging({
      servers: [server.url],
      credentials: { user: "acme", passwordFile },
      name: "t",
      logger: silentLog,
    });
  const refused = (error: unknown): boolean => hasCode(error, "UNAUTHENTICATED");
  await assert.rejects(connect(), refused);
  writeFileSync(passwordFile, "wrong");
  const start = performance.now();
  await assert.rejects(connect(), refused);
  assert.ok(performance.now() - start < 2000);

  writeFileSync(passwordFile, `${pass}\n`);
  await using acme = await connect();
  assert.equal(acme.connected(), true);
  // Refused twice in a row: closed for good, and told.
  writeFileSync(passwordFile, "withdrawn");
  await server.kill();
  await server.restart();
  const error = await acme.closed;
  assert.match(String(error), /authorization violation/i);
  assert.equal(acme.connected(), false);
});

test("it waits for the first server, up to its time, and can be aborted", async () => {
  await using server = await startNatsServer();
  await server.kill();
  const connect = (options: { connectTimeoutMs?: number; signal?: AbortSignal }): ReturnType<typeof connectMessaging> =>
    connectMessaging({ servers: [server.url], name: "t", logger: silentLog, ...options });
  const start = performance.now();
  await assert.rejects(connect({ connectTimeoutMs: 500 }), (error) => hasCode(error, "UNAVAILABLE"));
  assert.ok(performance.now() - start < 1500);

  const reason = new Error("stop");
  const controller = new AbortController();
  const aborted = connect({ signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(aborted, (error) => error === reason);

  const waiting = connect({});
  await server.restart();
  await using messaging = await waiting;
  assert.equal(messaging.connected(), true);
});

test("events: heard from the call on, a gap after each reconnect, an end when disposed", async () => {
  await using server = await startNatsServer({ accounts });
  await using provisioner = await connectedAs(server, "provisioner");
  await using acme = await connectedAs(server, "acme");
  const ready = subjects.event("acme", "s1", "ready");
  const events = acme.events("carrel.v1.evt.acme.>");
  await events.ready;
  assert.ok(provisioner.publishEvent(ready, { n: 1 }, { traceparent: "t" }));
  const first = await events.next();
  assert.deepEqual(first.value, { type: "event", subject: ready, body: { n: 1 }, headers: { traceparent: "t" } });
  await server.kill();
  await server.restart();
  assert.deepEqual((await nextOf(events, "gap")).type, "gap");
  await eventually(() => assert.ok(provisioner.connected() && acme.connected()));
  // A round trip on acme's connection: the server has its subscriptions again.
  await using barrier = acme.events("carrel.v1.evt.acme.barrier");
  await barrier.ready;
  provisioner.publishEvent(ready, { n: 2 });
  assert.deepEqual((await nextOf(events, "event")).type, "event");
  const waiting = events.next();
  await events[Symbol.asyncDispose]();
  assert.equal((await waiting).done, true);
});

test("events: a slow consumer loses some, is told so, and holds nothing up", async () => {
  await using server = await startNatsServer({ accounts });
  await using provisioner = await connectedAs(server, "provisioner");
  await using acme = await connectedAs(server, "acme");
  await using events = acme.events("carrel.v1.evt.acme.>", { maxBuffered: 10 });
  await using witness = acme.events("carrel.v1.evt.acme.>");
  await Promise.all([events.ready, witness.ready]);
  for (let n = 0; n < 200; n++) provisioner.publishEvent(subjects.event("acme", "s", "n"), { n });
  provisioner.publishEvent(subjects.event("acme", "s", "last"), {});
  for (;;) {
    const { value } = await witness.next();
    if (value?.type === "event" && value.subject.endsWith(".last")) break;
  }
  const seen: ReceivedEvent[] = [];
  for (let i = 0; i < 11; i++) seen.push((await events.next()).value as ReceivedEvent);
  assert.deepEqual(
    seen.map(({ type }) => type),
    [...Array.from({ length: 10 }, () => "event"), "gap"],
  );
});

test("events of another tenant are refused, and do not harm the connection", async () => {
  await using server = await startNatsServer({ accounts });
  await using acme = await connectedAs(server, "acme");
  const foreign = acme.events("carrel.v1.evt.globex.>");
  await assert.rejects(foreign.ready, (error) => hasCode(error, "FORBIDDEN"));
  await assert.rejects(foreign.next(), (error) => hasCode(error, "FORBIDDEN"));
  const controller = new AbortController();
  const own = acme.events("carrel.v1.evt.acme.>", { signal: controller.signal });
  controller.abort();
  assert.equal((await own.next()).done, true);
  assert.equal(acme.connected(), true);
});

test("a server in lame duck mode is told in the log; the only one there is not left", async () => {
  await using server = await startNatsServer({ accounts });
  const logger = recordingLog();
  await using acme = await connectedAs(server, "acme", { logger });
  server.lameDuck();
  await eventually(() => assert.ok(logger.lines.some(({ message }) => message === "the NATS server shuts down")));
  await eventually(() => assert.equal(acme.connected(), false));
  await server.restart();
  await eventually(() => assert.equal(acme.connected(), true));
});

test("a server in lame duck mode is left for another before it cuts the connection", async () => {
  await using one = await startNatsServer();
  await using two = await startNatsServer();
  const logger = recordingLog();
  await using messaging = await connectMessaging({ servers: [one.url, two.url], name: "t", logger });
  const server = String(logger.lines.find(({ message }) => message === "connected to NATS")?.fields["server"]);
  const [left, right] = server.endsWith(String(one.port)) ? [one, two] : [two, one];
  left.lameDuck();
  await eventually(() => {
    const moved = logger.lines.find(({ message }) => message === "connected to NATS again");
    assert.match(String(moved?.fields["server"]), new RegExp(`:${right.port}$`));
  });
  assert.equal(messaging.connected(), true);
});

async function nextOf(
  events: AsyncIterator<ReceivedEvent, undefined>,
  type: ReceivedEvent["type"],
): Promise<ReceivedEvent> {
  for (;;) {
    const { value } = await events.next();
    assert.ok(value !== undefined, "the events ended");
    if (value.type === type) return value;
  }
}
