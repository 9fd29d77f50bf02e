import { ApiError } from "@carrel/api";
import { findSession } from "./find-session.ts";
import type { RequestContext, RequestEnvelope } from "./request-context.ts";
import { sessionAnswer, type SessionAnswer } from "./session-answer.ts";

/**
 * A fresh exchange token for a session that is ready.
 *
 * @throws ApiError `PENDING` before it is ready, `EXPIRED` once it ends.
 */
export async function sessionToken(
  context: RequestContext,
  envelope: RequestEnvelope,
  request: { readonly session: string },
): Promise<SessionAnswer> {
  const session = await findSession(context, envelope, request.session);
  const answer = await sessionAnswer(context, session);
  if (answer.token !== undefined) return answer;
  if (answer.session.state === "pending")
    throw new ApiError("PENDING", `session ${request.session} is not ready yet`, { retryAfterMs: 1000 });
  throw new ApiError("EXPIRED", `session ${request.session} has ended`);
}
