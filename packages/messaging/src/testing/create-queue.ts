import { CREATES_CONSUMER, HEADERS, STREAMS, subjects } from "@carrel/api";
import { jetstreamManager, type JetStreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { eventually, type NatsServer } from "@carrel/testkit";
import assert from "node:assert/strict";
import { z } from "zod";
import type { IncomingRequest } from "../incoming-request.ts";
import type { WorkQueue, WorkQueueOptions } from "../jetstream/work-queue-options.ts";
import type { WorkQueueLayout } from "../jetstream/work-queue-plan.ts";
import type { Messaging } from "../messaging.ts";

/** What the tests' queues take. */
export const anyObject = z.looseObject({});
export type AnyRequest = IncomingRequest<z.output<typeof anyObject>>;

/** The queue of creates as in production, but with times that tests can wait for. */
export const createsLayout = {
  subject: subjects.asyncCreate("*"),
  streams: { queue: STREAMS.creates, givenUp: STREAMS.givenUp, deadLetters: STREAMS.deadLetters },
  consumer: CREATES_CONSUMER,
  deadLetterSubject: (tenant: string) => subjects.deadLetter(tenant),
  ackWaitMs: 1000,
} satisfies WorkQueueLayout;

/** Works on the queue, and waits until it is served. */
export async function workOn(
  messaging: Messaging,
  handle: (request: AnyRequest) => Promise<object>,
  options: Partial<WorkQueueOptions<typeof anyObject>> = {},
): Promise<WorkQueue> {
  const queue = messaging.workQueue({ ...createsLayout, schema: anyObject, handle, ...options });
  await eventually(() => assert.equal(queue.problem(), undefined));
  return queue;
}

/** The operator's view of the streams. The server's own administrator, so that nothing is hidden. */
export async function streamsOf(server: NatsServer): Promise<JetStreamManager & AsyncDisposable> {
  const { user, pass, inboxPrefix } = server.credentials("operator");
  const connection = await connect({ servers: server.url, user, pass, inboxPrefix, maxReconnectAttempts: -1 });
  const manager = await jetstreamManager(connection);
  return Object.assign(manager, { [Symbol.asyncDispose]: () => connection.close() });
}

/** Messages in a stream. */
export async function countIn(manager: JetStreamManager, stream: string): Promise<number> {
  return (await manager.streams.info(stream)).state.messages;
}

/** The only dead letter. */
export async function onlyDeadLetter(manager: JetStreamManager): Promise<Record<string, unknown>> {
  return await eventually(async () => {
    const { state } = await manager.streams.info(STREAMS.deadLetters);
    assert.equal(state.messages, 1);
    const stored = await manager.streams.getMessage(STREAMS.deadLetters, { seq: state.first_seq });
    assert.ok(stored);
    return stored.json<Record<string, unknown>>();
  });
}

/** Headers with an idempotency key. */
export const keyed = (key: string): Record<string, string> => ({ [HEADERS.idempotencyKey]: key });
