import { systemClock } from "@carrel/std";
import type { JsMsg } from "@nats-io/jetstream";
import type { Answer, Outcome } from "../answer.ts";
import type { Envelope } from "../incoming-request.ts";
import type { MessageHeaders } from "../message-headers.ts";
import { keepDeadLetter } from "./keep-dead-letter.ts";
import { planSettlement } from "./plan-settlement.ts";
import type { QueueContext } from "./queue-context.ts";
import { sendQueuedAnswer } from "./send-queued-answer.ts";

/** A delivered request, as far as it could be read. */
export interface QueuedRequest {
  readonly message: JsMsg;
  readonly envelope: Envelope;
  readonly headers: MessageHeaders;
  /** Undefined: nobody waits for the answer. */
  readonly replyTo: string | undefined;
  /** Milliseconds since the epoch; undefined when the request could not be read. */
  readonly deadlineMs: number | undefined;
}

/** How it was settled. */
export interface Settled {
  readonly outcome: Outcome;
  readonly retried: boolean;
}

const ACK_TIMEOUT_MS = 5000;

/** Settles a request with its answer: sends it, keeps a dead letter, puts it back or takes it off. Never rejects. */
export async function settleRequest(context: QueueContext, request: QueuedRequest, answer: Answer): Promise<Settled> {
  const { message, envelope, headers, deadlineMs } = request;
  const { deliveryCount, stream, streamSequence } = message.info;
  const outcome = "error" in answer ? answer.error.code : "OK";
  try {
    if (outcome !== "OK" && context.handingOver()) {
      message.nak();
      return { outcome, retried: true };
    }
    const leftMs = deadlineMs === undefined ? undefined : deadlineMs - systemClock.now();
    const plan = planSettlement({ answer, leftMs, deliveryCount, maxDeliver: context.maxDeliver });
    if (plan.do === "retry") {
      message.nak(plan.delayMs);
      return { outcome, retried: true };
    }
    const sent = sendQueuedAnswer(context, { replyTo: request.replyTo, requestId: envelope.requestId }, answer);
    if ("error" in answer) {
      const atMs = systemClock.now();
      const { error } = answer;
      const facts = {
        ...envelope,
        error,
        deliveryCount,
        sequence: streamSequence,
        atMs,
        headers,
        payload: message.data,
      };
      await keepDeadLetter(context, stream, facts);
      message.term();
    } else {
      // Without the server's confirmation a crash of the server would bring it again.
      await message.ackAck({ timeout: ACK_TIMEOUT_MS });
    }
    return { outcome: sent ? outcome : "LOST", retried: false };
  } catch (error) {
    // It comes again, and gets the same answer again.
    context.logger.warn({ err: error, ...envelope, outcome }, "the queue has not confirmed that a request is done");
    return { outcome, retried: true };
  }
}
