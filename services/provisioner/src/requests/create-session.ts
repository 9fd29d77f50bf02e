import { ApiError, type CreateRequest, type Session, type SessionTemplate } from "@carrel/api";
import { isAlreadyExists, isNotFound, SESSION_TEMPLATES, SESSIONS } from "@carrel/kube";
import { planSession } from "../sessions/plan-session.ts";
import { assertTenantAllows } from "../sessions/tenant-caps.ts";
import { renderVariables } from "../template/variables.ts";
import { sessionVariables } from "../template/workspace-variables.ts";
import { findSession, readThrough } from "./find-session.ts";
import type { RequestContext, RequestEnvelope } from "./request-context.ts";
import { sessionAnswer, type SessionAnswer } from "./session-answer.ts";

/** How long an idempotency key may be. */
const MAX_KEY_LENGTH = 256;

/**
 * Creates a session exactly once. The CREATE of the Session object is the lock: its name follows from tenant and key,
 * so of any number of equal requests one wins and the others meet its object.
 *
 * @throws ApiError `INVALID`, `NOT_FOUND`, `FORBIDDEN`, `QUOTA`, `CONFLICT` (same key, other body).
 */
export async function createSession(
  context: RequestContext,
  envelope: RequestEnvelope,
  request: CreateRequest,
): Promise<SessionAnswer> {
  const planned = await plan(context, envelope, request);
  const session = await createOrReplay(context, envelope, planned);
  if (request.wait === "accepted") return await sessionAnswer(context, session);
  const settled = await context.waiter.until(session.metadata.name, isSettled, envelope.signal);
  return await sessionAnswer(context, settled ?? session);
}

async function plan(context: RequestContext, envelope: RequestEnvelope, request: CreateRequest): Promise<Session> {
  const { tenant, idempotencyKey } = envelope;
  if (idempotencyKey === undefined || idempotencyKey === "") {
    throw new ApiError(
      "INVALID",
      "header Idempotency-Key is missing: send one per user action, the same on every retry",
    );
  }
  if (idempotencyKey.length > MAX_KEY_LENGTH)
    throw new ApiError("INVALID", `header Idempotency-Key is longer than ${MAX_KEY_LENGTH} characters`);
  const template = await findTemplate(context, request.template, envelope.signal);
  const planned = planSession({
    tenant,
    idempotencyKey,
    request,
    template,
    nowMs: context.clock.now(),
    traceparent: envelope.traceparent,
  });
  // Everything that can be refused is refused before anything exists.
  renderVariables(
    [template.spec.workspace.template, template.spec.network.egress],
    sessionVariables(planned, context.urls),
  );
  return planned;
}

async function createOrReplay(context: RequestContext, envelope: RequestEnvelope, planned: Session): Promise<Session> {
  const known = context.sessions.get(planned.metadata.name);
  if (known !== undefined) return replay(known, planned);

  const tenant = context.tenants.get(envelope.tenant);
  if (tenant === undefined)
    throw new ApiError("FORBIDDEN", `there is no tenant ${envelope.tenant}; an operator must create the Tenant first`);
  const template =
    context.templates.get(planned.spec.template.name) ??
    (await findTemplate(context, planned.spec.template.name, envelope.signal));
  try {
    assertTenantAllows(tenant, template, planned.spec.user.id, context.sessions.list());
  } catch (error) {
    // The cap may be full with this very session: another replica's create that our cache does not show yet.
    const existing = await readThrough(context, planned.metadata.name, envelope.signal);
    if (existing !== undefined) return replay(existing, planned);
    throw error;
  }
  try {
    return await context.client.create(SESSIONS, planned, { signal: envelope.signal });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    return replay(await findSession(context, envelope, planned.metadata.name), planned);
  }
}

function replay(existing: Session, planned: Session): Session {
  if (existing.spec.requestDigest === planned.spec.requestDigest) return existing;
  throw new ApiError(
    "CONFLICT",
    `this Idempotency-Key made session ${existing.metadata.name} from another request body; use a new key for a new session`,
  );
}

async function findTemplate(context: RequestContext, name: string, signal: AbortSignal): Promise<SessionTemplate> {
  const cached = context.templates.get(name);
  if (cached !== undefined) return cached;
  try {
    return await context.client.get(SESSION_TEMPLATES, name, { signal });
  } catch (error) {
    if (isNotFound(error))
      throw new ApiError("NOT_FOUND", `there is no template ${name}; \`kubectl get sessiontemplates\` lists them`);
    throw error;
  }
}

/** Ready, or it will never be. */
function isSettled(session: Session): boolean {
  const phase = session.status?.phase;
  return phase === "Ready" || phase === "Ending" || phase === "Ended" || session.spec.end !== undefined;
}
