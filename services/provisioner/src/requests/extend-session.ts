import { createHash } from "node:crypto";
import { ANNOTATIONS, ApiError, sessionView, templateOf, type Session } from "@carrel/api";
import { findObject, WORKSPACES } from "@carrel/kube";
import { planExtension } from "../sessions/plan-extension.ts";
import { findSession } from "./find-session.ts";
import type { RequestContext, RequestEnvelope } from "./request-context.ts";
import type { SessionAnswer } from "./session-answer.ts";
import { publishSessionEvent } from "../sessions/publish-session-event.ts";
import { swapSession } from "./swap-session.ts";

/**
 * Moves a session's end forward, once per Idempotency-Key (the last one is remembered). Racing with the reaper exactly
 * one of the two writes wins: an extension that comes too late gets `EXPIRED`.
 *
 * @throws ApiError as `planExtension`, and `NOT_FOUND`.
 */
export async function extendSession(
  context: RequestContext,
  envelope: RequestEnvelope,
  request: { readonly session: string; readonly by?: string | undefined },
): Promise<SessionAnswer> {
  const key = envelope.idempotencyKey;
  const digest = key === undefined ? undefined : createHash("sha256").update(key).digest("hex");
  const lifetime = await lifetimeOf(context, envelope, await findSession(context, envelope, request.session));
  const { session, changed } = await swapSession(context, envelope, request.session, (current) => {
    if (digest !== undefined && current.metadata.annotations?.[ANNOTATIONS.extendedBy] === digest) return undefined;
    const expiresAtMs = planExtension(current, lifetime, { by: request.by, nowMs: context.clock.now() });
    return {
      metadata: { annotations: { [ANNOTATIONS.extendedBy]: digest ?? null } },
      spec: { expiresAt: new Date(expiresAtMs).toISOString() },
    };
  });
  if (changed) publishSessionEvent(context, "extended", session);
  return { session: sessionView(session) };
}

/** The lifetime of the template as it was when the workspace was made: later changes do not touch running sessions. */
async function lifetimeOf(context: RequestContext, { signal }: RequestEnvelope, session: Session) {
  const name = session.spec.workspace;
  const workspace = context.workspaces.get(name) ?? (await findObject(context.client, WORKSPACES, name, { signal }));
  if (workspace !== undefined) return templateOf(workspace.spec).lifetime;
  const { phase } = session.status ?? {};
  if (phase === "Ending" || phase === "Ended")
    throw new ApiError("EXPIRED", `session ${session.metadata.name} has ended`);
  throw new ApiError("PENDING", `session ${session.metadata.name} is not ready yet`, { retryAfterMs: 1000 });
}
