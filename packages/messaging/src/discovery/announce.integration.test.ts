import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, PROVISIONER_QUEUE, SERVICE_NAME, subjects } from "@carrel/api";
import { eventually, startNatsServer, type NatsServer } from "@carrel/testkit";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { z } from "zod";
import type { Messaging } from "../messaging.ts";
import { connectedAs } from "../testing/connected.ts";
import type { Announced } from "./announce.ts";

const accounts = { tenants: ["acme"] };
const endpoint = { name: "create", subject: subjects.requests("create"), queueGroup: PROVISIONER_QUEUE };

async function rawClient(server: NatsServer, user: string): Promise<NatsConnection & AsyncDisposable> {
  const { pass, inboxPrefix } = server.credentials(user);
  const connection = await connect({ servers: server.url, user, pass, inboxPrefix });
  return Object.assign(connection, { [Symbol.asyncDispose]: () => connection.close() });
}

function announced(messaging: Messaging): Announced {
  return messaging.announce({ name: SERVICE_NAME, version: "1.0.0", description: "test", endpoints: [endpoint] });
}

/** Everybody's answers, until 0.3 s pass without one. */
async function ask(connection: NatsConnection, subject: string): Promise<Record<string, unknown>[]> {
  const answers: Record<string, unknown>[] = [];
  for await (const message of await connection.requestMany(subject, "", {
    strategy: "stall",
    maxWait: 3000,
    stall: 300,
  })) {
    answers.push(message.json<Record<string, unknown>>());
  }
  return answers;
}

const statuses = ["PING", "INFO", "STATS"] as const;

test("every instance answers to all, to its name, and one of them to its id", async () => {
  await using server = await startNatsServer({ accounts });
  await using one = await connectedAs(server, "provisioner");
  await using two = await connectedAs(server, "provisioner");
  await using operator = await rawClient(server, "operator");
  using first = announced(one);
  using second = announced(two);
  await eventually(async () => assert.equal((await ask(operator, "$SRV.PING")).length, 2));
  for (const verb of statuses) {
    const type = `io.nats.micro.v1.${verb.toLowerCase()}_response`;
    for (const subject of [`$SRV.${verb}`, `$SRV.${verb}.carrel`]) {
      const answers = await ask(operator, subject);
      assert.deepEqual(new Set(answers.map(({ id }) => id)), new Set([first.id, second.id]));
      assert.equal(answers.length, 2);
      for (const answer of answers) {
        assert.deepEqual(
          [answer["type"], answer["name"], answer["version"], answer["metadata"]],
          [type, "carrel", "1.0.0", {}],
        );
      }
    }
    const [only, ...none] = await ask(operator, `$SRV.${verb}.carrel.${first.id}`);
    assert.deepEqual([only?.["id"], none], [first.id, []]);
  }
  first[Symbol.dispose]();
  await eventually(async () => assert.equal((await ask(operator, "$SRV.PING.carrel")).length, 1));
});

test("INFO names the endpoints, STATS counts their requests, errors and time", async () => {
  await using server = await startNatsServer({ accounts });
  await using provisioner = await connectedAs(server, "provisioner");
  await using acme = await connectedAs(server, "acme");
  await using operator = await rawClient(server, "operator");
  using service = announced(provisioner);
  let calls = 0;
  await using _served = await provisioner.serve({
    subject: endpoint.subject,
    queue: PROVISIONER_QUEUE,
    schema: z.looseObject({}),
    handle: async () => {
      calls += 1;
      if (calls === 2) throw new ApiError("QUOTA", "tenant acme has three sessions of user ada");
      return {};
    },
    onAnswered: (answered) => service.count(answered),
  });
  for (let n = 0; n < 3; n++) await acme.request(subjects.request("acme", "create"), {}).catch(() => undefined);

  const [info] = await ask(operator, "$SRV.INFO.carrel");
  assert.deepEqual(info?.["endpoints"], [
    { name: "create", subject: endpoint.subject, queue_group: PROVISIONER_QUEUE, metadata: {} },
  ]);
  const [stats] = await ask(operator, "$SRV.STATS.carrel");
  assert.ok(stats);
  const [counted] = stats["endpoints"] as Record<string, number | string>[];
  assert.ok(counted);
  const { processing_time: total, average_processing_time: average, ...rest } = counted;
  assert.deepEqual(rest, {
    name: "create",
    subject: endpoint.subject,
    queue_group: PROVISIONER_QUEUE,
    num_requests: 3,
    num_errors: 1,
    last_error: "QUOTA",
  });
  assert.ok(Number(total) > 0);
  assert.equal(average, Math.trunc(Number(total) / 3));
  assert.ok(Date.parse(String(stats["started"])) <= Date.now());
  assert.doesNotMatch(JSON.stringify([info, stats]), /acme|\bada\b/);
});

test("tenants can neither ask nor pretend to be a service; an answer goes to inboxes only", async () => {
  await using server = await startNatsServer({ accounts });
  await using provisioner = await connectedAs(server, "provisioner");
  await using acme = await rawClient(server, "acme");
  await using operator = await rawClient(server, "operator");
  using _service = announced(provisioner);
  await eventually(async () => assert.equal((await ask(operator, "$SRV.PING")).length, 1));
  for (const verb of statuses) {
    await assert.rejects(acme.request(`$SRV.${verb}`, "", { timeout: 1000 }), /permissions violation/i);
  }
  const subscription = acme.subscribe("$SRV.PING");
  await assert.rejects(async () => {
    for await (const message of subscription) assert.fail(message.subject);
  }, /permissions violation/i);

  const heard: string[] = [];
  acme.subscribe("carrel.v1.evt.acme.>", { callback: (_error, message) => void heard.push(message.subject) });
  await acme.flush();
  operator.publish("$SRV.PING", "", { reply: "carrel.v1.evt.acme.session.s1.ready" });
  assert.equal((await ask(operator, "$SRV.PING")).length, 1);
  await acme.flush();
  assert.deepEqual(heard, []);
});
