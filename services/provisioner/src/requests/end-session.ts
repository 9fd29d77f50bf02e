import { ApiError, type EndReason, type Session } from "@carrel/api";
import { findObject, isConflict, SESSIONS } from "@carrel/kube";
import { findSession } from "./find-session.ts";
import type { RequestContext, RequestEnvelope } from "./request-context.ts";
import { sessionAnswer, type SessionAnswer } from "./session-answer.ts";

/** Reads of a session that keeps changing under us before we give up. */
const MAX_ATTEMPTS = 5;

/** Asks for a session's end (compare-and-swap on `spec.end`). Ending one that ends or has ended is no error. */
export async function endSession(
  context: RequestContext,
  envelope: RequestEnvelope,
  request: { readonly session: string; readonly reason: EndReason },
): Promise<SessionAnswer> {
  let session: Session = await findSession(context, envelope, request.session);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const phase = session.status?.phase;
    if (session.spec.end !== undefined || phase === "Ending" || phase === "Ended")
      return await sessionAnswer(context, session);
    const end = { reason: request.reason, at: new Date(context.clock.now()).toISOString(), by: envelope.tenant };
    try {
      const patched = await context.client.mergePatch(
        SESSIONS,
        session.metadata.name,
        { metadata: { resourceVersion: session.metadata.resourceVersion }, spec: { end } },
        { signal: envelope.signal },
      );
      return { session: { ...(await sessionAnswer(context, patched)).session, state: "ending" } };
    } catch (error) {
      if (!isConflict(error)) throw error;
      const current = await findObject(context.client, SESSIONS, session.metadata.name, { signal: envelope.signal });
      if (current === undefined)
        throw new ApiError("NOT_FOUND", `session ${request.session} is gone`, { cause: error });
      session = current;
    }
  }
  throw new ApiError("UNAVAILABLE", `session ${request.session} keeps changing; try again`, { retryAfterMs: 500 });
}
