import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, CREATES_CONSUMER, STREAMS, subjects } from "@carrel/api";
import { eventually, startNatsServer } from "@carrel/testkit";
import { jetstreamManager, type JetStreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { connectMessaging } from "../connect-messaging.ts";
import { silentLog } from "../log-sink.ts";
import type { Messaging } from "../messaging.ts";
import { countIn, keyed, workOn } from "../testing/create-queue.ts";

/** A server without accounts: tests play an administrator who may do anything. */
interface OpenServer extends AsyncDisposable {
  readonly messaging: Messaging;
  readonly manager: JetStreamManager;
  readonly publish: (subject: string) => Promise<unknown>;
}

async function startOpenServer(): Promise<OpenServer> {
  const resources = new AsyncDisposableStack();
  const server = resources.use(await startNatsServer({ jetstream: true }));
  const settings = { servers: [server.url], name: "test", logger: silentLog, inboxPrefix: "_INBOX_acme" };
  const messaging = resources.use(await connectMessaging(settings));
  const connection = await connect({ servers: server.url });
  resources.defer(() => connection.close());
  return {
    messaging,
    manager: await jetstreamManager(connection),
    publish: (subject) => connection.request(subject, "{}", { timeout: 2000 }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const subject = subjects.asyncCreate("acme");

test("the streams and the consumer are what was asked for", async () => {
  await using server = await startOpenServer();
  await using _queue = await workOn(server.messaging, async () => ({}), { workers: 10, ackWaitMs: 30_000 });
  const { config } = await server.manager.streams.info(STREAMS.creates);
  assert.deepEqual(
    [config.retention, config.storage, config.discard, config.max_msgs, config.max_age, config.num_replicas],
    ["workqueue", "file", "new", 10_000, 900e9, 1],
  );
  const consumer = (await server.manager.consumers.info(STREAMS.creates, CREATES_CONSUMER)).config;
  assert.deepEqual(
    [consumer.ack_policy, consumer.ack_wait, consumer.max_deliver, consumer.max_ack_pending, consumer.backoff],
    ["explicit", 30e9, 6, 20, undefined],
  );
});

test("other bounds are taken over by streams and consumers that are there", async () => {
  await using server = await startOpenServer();
  await (await workOn(server.messaging, async () => ({}))).close();
  await using _queue = await workOn(server.messaging, async () => ({}), { maxMessages: 50, workers: 3, maxDeliver: 4 });
  const { config } = await server.manager.streams.info(STREAMS.creates);
  assert.deepEqual([config.max_msgs, config.max_msgs_per_subject], [50, 25]);
  const consumer = (await server.manager.consumers.info(STREAMS.creates, CREATES_CONSUMER)).config;
  assert.deepEqual([consumer.max_deliver, consumer.max_ack_pending], [4, 6]);
});

for (const [what, destroy] of [
  ["the consumer", (manager: JetStreamManager) => manager.consumers.delete(STREAMS.creates, CREATES_CONSUMER)],
  ["the stream", (manager: JetStreamManager) => manager.streams.delete(STREAMS.creates)],
  ["the stream of dead letters", (manager: JetStreamManager) => manager.streams.delete(STREAMS.deadLetters)],
] as const) {
  test(`${what} is deleted under a running queue: work goes on`, async () => {
    await using server = await startOpenServer();
    await using _queue = await workOn(server.messaging, async () => ({ done: true }));
    await destroy(server.manager);
    const queued = await eventually(
      () => server.messaging.enqueue<{ done: boolean }>(subject, {}, { headers: keyed("k"), answerTimeoutMs: 30_000 }),
      { timeoutMs: 20_000 },
    );
    assert.equal((await queued.answer).done, true);
  });
}

test("a stream of dead letters that was deleted is there again for the next one", async () => {
  await using server = await startOpenServer();
  await using _queue = await workOn(server.messaging, () => Promise.reject(new ApiError("QUOTA", "no more")));
  await server.manager.streams.delete(STREAMS.deadLetters);
  await eventually(
    async () => {
      const queued = await server.messaging.enqueue(subject, {}, { headers: keyed("k"), answerTimeoutMs: 20_000 });
      await assert.rejects(queued.answer, (error: { code?: string }) => error.code === "QUOTA");
      assert.ok((await countIn(server.manager, STREAMS.deadLetters)) > 0);
    },
    { timeoutMs: 20_000 },
  );
});

test("a message whose subject names no tenant is dropped, and takes no worker's place", async () => {
  await using server = await startOpenServer();
  await using queue = await workOn(server.messaging, async () => ({ done: true }), { workers: 1 });
  for (let n = 0; n < 3; n++) await server.publish(subjects.asyncCreate("Not_A_Tenant"));
  const queued = await server.messaging.enqueue(subject, {}, { headers: keyed("k"), answerTimeoutMs: 20_000 });
  await queued.answer;
  await eventually(async () => assert.equal(await countIn(server.manager, STREAMS.creates), 0));
  await eventually(() => assert.equal(queue.inFlight(), 0));
});
