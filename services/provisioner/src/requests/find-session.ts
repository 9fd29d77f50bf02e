import { ApiError, type Session } from "@carrel/api";
import { findObject, SESSIONS } from "@carrel/kube";
import type { RequestContext, RequestEnvelope } from "./request-context.ts";

/**
 * A tenant's session, from the cache or, on a miss, from the API server (another replica may have just made it).
 *
 * @throws ApiError `NOT_FOUND`, also for another tenant's session: its existence is nobody else's business.
 */
export async function findSession(context: RequestContext, envelope: RequestEnvelope, name: string): Promise<Session> {
  const session =
    context.sessions.get(name) ?? (await findObject(context.client, SESSIONS, name, { signal: envelope.signal }));
  if (session === undefined || session.spec.tenant !== envelope.tenant) {
    throw new ApiError("NOT_FOUND", `tenant ${envelope.tenant} has no session ${name}`);
  }
  return session;
}
