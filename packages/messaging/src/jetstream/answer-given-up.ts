import { ApiError } from "@carrel/api";
import { systemClock } from "@carrel/std";
import { JetStreamApiError, type JetStreamManager, type JsMsg, type StoredMsg } from "@nats-io/jetstream";
import { errorAnswer } from "../answer.ts";
import { envelopeOf, readHeaders } from "../incoming-request.ts";
import type { MessageHeaders } from "../message-headers.ts";
import { keepDeadLetter } from "./keep-dead-letter.ts";
import type { QueueContext } from "./queue-context.ts";
import { replyTarget } from "./reply-target.ts";
import { sendQueuedAnswer } from "./send-queued-answer.ts";

/** What the server tells when a message has been delivered as often as it may (`io.nats.jetstream.advisory.v1.max_deliver`). */
interface GivenUpAdvisory {
  readonly stream_seq: number;
  readonly deliveries: number;
}

const RETRY_MS = 1000;

/**
 * Ends what the server gave up on: it would stay in the stream, delivered to nobody and counted by nothing, and its
 * sender would wait in vain. Answers FAILED, keeps a dead letter, deletes the message. May be done twice. Never rejects.
 */
export async function answerGivenUp(
  context: QueueContext,
  manager: JetStreamManager,
  queue: string,
  advisory: JsMsg,
): Promise<void> {
  try {
    const { stream_seq: sequence, deliveries } = advisory.json<GivenUpAdvisory>();
    const stored = await manager.streams.getMessage(queue, { seq: sequence });
    if (stored !== null) {
      await fail(context, { queue, sequence, deliveries, stored });
      await deleteMessage(manager, queue, sequence);
    }
    await advisory.ackAck();
  } catch (error) {
    context.logger.warn({ err: error, queue }, "cannot end a request that was given up; trying again");
    advisory.nak(RETRY_MS);
  }
}

interface GivenUp {
  readonly queue: string;
  readonly sequence: number;
  readonly deliveries: number;
  readonly stored: StoredMsg;
}

async function fail(context: QueueContext, { queue, sequence, deliveries, stored }: GivenUp): Promise<void> {
  const envelope = envelopeOf(stored.subject);
  if (envelope === undefined) return;
  const error = new ApiError(
    "FAILED",
    `given up after ${deliveries} tries that nobody brought to an end; ask again with the same idempotency key`,
  );
  const answer = errorAnswer(error);
  if (!("error" in answer)) return;
  let headers: MessageHeaders = {};
  let replyTo: string | undefined;
  try {
    headers = readHeaders({ headers: stored.header });
    replyTo = replyTarget(envelope.tenant, headers);
  } catch {
    // Headers that are none name no inbox.
  }
  context.logger.error({ ...envelope, sequence, deliveries }, "a request was given up");
  sendQueuedAnswer(context, { replyTo, requestId: envelope.requestId }, answer);
  await keepDeadLetter(context, queue, {
    ...envelope,
    error: answer.error,
    deliveryCount: deliveries,
    sequence,
    atMs: systemClock.now(),
    headers,
    payload: stored.data,
  });
}

async function deleteMessage(manager: JetStreamManager, stream: string, sequence: number): Promise<void> {
  try {
    // Not overwritten with noise first: the disk holds other requests in the clear anyway.
    await manager.streams.deleteMessage(stream, sequence, false);
  } catch (error) {
    if (!(error instanceof JetStreamApiError && error.status === 404)) throw error;
  }
}
