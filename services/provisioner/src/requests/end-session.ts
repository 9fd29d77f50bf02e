import { sessionView, type EndReason } from "@carrel/api";
import { isOver } from "../sessions/is-over.ts";
import type { RequestContext, RequestEnvelope } from "./request-context.ts";
import type { SessionAnswer } from "./session-answer.ts";
import { swapSession } from "./swap-session.ts";

/** Asks for a session's end (compare-and-swap on `spec.end`). Ending one that ends or has ended is no error. */
export async function endSession(
  context: RequestContext,
  envelope: RequestEnvelope,
  request: { readonly session: string; readonly reason: EndReason },
): Promise<SessionAnswer> {
  const { session } = await swapSession(context, envelope, request.session, (current) => {
    if (isOver(current)) return undefined;
    const at = new Date(context.clock.now()).toISOString();
    return { spec: { end: { reason: request.reason, at, by: envelope.tenant } } };
  });
  return { session: sessionView(session) };
}
