import { errorAnswer, renderAnswer, type Answer } from "../answer.ts";
import type { QueueContext } from "./queue-context.ts";

/**
 * Sends the answer of a queued request to the inbox that it named. Never throws; false when it certainly was not sent.
 * It is on its way before whatever is sent on this connection afterwards.
 */
export function sendQueuedAnswer(
  context: QueueContext,
  target: { readonly replyTo: string | undefined; readonly requestId: string },
  answer: Answer,
): boolean {
  const { connection, logger } = context;
  const { replyTo, requestId } = target;
  if (replyTo === undefined) return true;
  try {
    const { payload, ...options } = renderAnswer(requestId, answer);
    connection.publish(replyTo, payload, options);
    return true;
  } catch (error) {
    logger.error({ err: error, requestId }, "the answer cannot be sent");
    // Too large, or not JSON: whoever waits must not wait for its time-out.
    return "error" in answer ? false : sendQueuedAnswer(context, target, errorAnswer(error));
  }
}
