import { renderDeadLetter, type DeadLetterFacts } from "./dead-letter.ts";
import { nobodyAnswers } from "./nobody-answers.ts";
import type { QueueContext } from "./queue-context.ts";

const STORE_TIMEOUT_MS = 5000;

/**
 * Keeps a dead letter. Never rejects: the caller has its answer, and the queue must go on without the copy too.
 * Of two at about the same time for the same request, one is kept.
 */
export async function keepDeadLetter(context: QueueContext, stream: string, facts: DeadLetterFacts): Promise<void> {
  const { client, logger, deadLetterSubject, redact } = context;
  const { tenant, requestId, sequence } = facts;
  try {
    await client.publish(deadLetterSubject(tenant), JSON.stringify(renderDeadLetter(facts, redact)), {
      msgID: `${stream}-${sequence}`,
      timeout: STORE_TIMEOUT_MS,
    });
  } catch (error) {
    // Anything else is not cured by looking again, and would only disturb the queue.
    if (nobodyAnswers(error)) context.streamMissing();
    logger.error({ err: error, tenant, requestId, sequence }, "a dead letter cannot be kept");
  }
}
