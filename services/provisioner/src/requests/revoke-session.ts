import { ApiError, sessionView } from "@carrel/api";
import type { RequestContext, RequestEnvelope } from "./request-context.ts";
import type { SessionAnswer } from "./session-answer.ts";
import { isOver } from "../sessions/is-over.ts";
import { publishSessionEvent } from "../sessions/publish-session-event.ts";
import { swapSession } from "./swap-session.ts";

/**
 * Voids every token of a session that was minted before now; open streams are cut by the proxies. The session goes on:
 * `token` gives a new way in.
 *
 * @throws ApiError `EXPIRED` when it has ended, `NOT_FOUND`.
 */
export async function revokeSession(
  context: RequestContext,
  envelope: RequestEnvelope,
  request: { readonly session: string },
): Promise<SessionAnswer> {
  const { session } = await swapSession(context, envelope, request.session, (current) => {
    if (isOver(current)) throw new ApiError("EXPIRED", `session ${request.session} has ended`);
    return { spec: { revokedBefore: new Date(context.clock.now()).toISOString() } };
  });
  publishSessionEvent(context, "revoked", session);
  return { session: sessionView(session) };
}
