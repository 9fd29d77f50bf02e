import { ApiError, type Session } from "@carrel/api";
import { findObject, isConflict, SESSIONS } from "@carrel/kube";
import { findSession } from "./find-session.ts";
import type { RequestContext, RequestEnvelope } from "./request-context.ts";

/** Reads of a session that keeps changing under us before we give up. */
const MAX_ATTEMPTS = 5;

/**
 * Compare-and-swap on a tenant's session: `change` sees it and returns a merge patch, or `undefined` when nothing is to
 * be done. When somebody wrote in between it is asked again about what they wrote.
 *
 * @throws ApiError `NOT_FOUND`; `UNAVAILABLE` when it keeps changing; whatever `change` throws.
 */
export async function swapSession(
  context: RequestContext,
  envelope: RequestEnvelope,
  name: string,
  change: (session: Session) => object | undefined,
): Promise<{ readonly session: Session; readonly changed: boolean }> {
  const { client } = context;
  const { signal } = envelope;
  let session = await findSession(context, envelope, name);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const patch = change(session);
    if (patch === undefined) return { session, changed: false };
    const { metadata, ...rest } = patch as { metadata?: object };
    const body = { metadata: { ...metadata, resourceVersion: session.metadata.resourceVersion }, ...rest };
    try {
      return { session: await client.mergePatch(SESSIONS, name, body, { signal }), changed: true };
    } catch (error) {
      if (!isConflict(error)) throw error;
      const current = await findObject(client, SESSIONS, name, { signal });
      if (current === undefined) throw new ApiError("NOT_FOUND", `session ${name} is gone`, { cause: error });
      session = current;
    }
  }
  throw new ApiError("UNAVAILABLE", `session ${name} keeps changing; try again`, { retryAfterMs: 500 });
}
