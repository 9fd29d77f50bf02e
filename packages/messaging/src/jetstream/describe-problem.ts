import { JetStreamApiError } from "@nats-io/jetstream";
import { PermissionViolationError } from "@nats-io/transport-node";
import { nobodyAnswers } from "./nobody-answers.ts";

/** Why a queue cannot be served, for operators: one line without anything of a request in it. */
export function describeProblem(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof PermissionViolationError)
    return `NATS does not allow this user ${cause.operation} ${cause.subject}`;
  if (nobodyAnswers(error)) return "the NATS server has no JetStream";
  if (error instanceof JetStreamApiError) return `JetStream refuses: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
