import { ApiError, sessionName, type CreateRequest, type Session, type SessionTemplate } from "@carrel/api";
import { findObject, isAlreadyExists, SESSION_TEMPLATES, SESSIONS } from "@carrel/kube";
import { deadlineSignal } from "@carrel/std";
import { resolveParameters } from "@carrel/template";
import { digestOf, planSession } from "../sessions/plan-session.ts";
import { startFailure } from "../sessions/start-failure.ts";
import { assertTenantAllows } from "../sessions/tenant-caps.ts";
import { keepSecretParameters } from "./keep-secret-parameters.ts";
import { TENANT_INDEX, type RequestContext, type RequestEnvelope } from "./request-context.ts";
import { isOver } from "../sessions/is-over.ts";
import { publishSessionEvent } from "../sessions/publish-session-event.ts";
import { sessionAnswer, type SessionAnswer } from "./session-answer.ts";

/** How long the cache may take to show a session that was just made. */
const CACHE_LAG_MS = 5_000;
/** How long an idempotency key may be. */
const MAX_KEY_LENGTH = 256;

/**
 * Creates a session exactly once. The CREATE of the Session object is the lock: its name follows from tenant and key,
 * so of any number of equal requests one wins and the others meet its object.
 *
 * @throws ApiError `INVALID`, `NOT_FOUND`, `FORBIDDEN`, `QUOTA`, `CONFLICT` (same key, other body), `FAILED` and
 * `NO_CAPACITY` when it could not be started.
 */
export async function createSession(
  context: RequestContext,
  envelope: RequestEnvelope,
  request: CreateRequest,
): Promise<SessionAnswer> {
  const key = keyOf(envelope);
  const known = context.sessions.get(sessionName(envelope.tenant, key));
  // A replay needs neither template nor cap: they may have changed since.
  const session =
    known === undefined
      ? await create(context, envelope, request, key)
      : await replay(context, envelope, known, { request, key });
  if (request.wait === "accepted") return await sessionAnswer(context, session);
  const settled = await context.waiter.until(session.metadata.name, isSettled, envelope.signal);
  const failure = startFailure(settled ?? session);
  if (failure !== undefined) throw failure;
  return await sessionAnswer(context, settled ?? session);
}

function keyOf({ idempotencyKey }: RequestEnvelope): string {
  if (idempotencyKey === undefined || idempotencyKey === "") {
    throw new ApiError(
      "INVALID",
      "header Idempotency-Key is missing: send one per user action, the same on every retry",
    );
  }
  if (idempotencyKey.length > MAX_KEY_LENGTH) {
    throw new ApiError("INVALID", `header Idempotency-Key is longer than ${MAX_KEY_LENGTH} characters`);
  }
  return idempotencyKey;
}

async function create(
  context: RequestContext,
  envelope: RequestEnvelope,
  request: CreateRequest,
  idempotencyKey: string,
): Promise<Session> {
  const { signal, tenant: tenantName, traceparent } = envelope;
  try {
    const template = await findTemplate(context, request.template, signal);
    const tenant = context.tenants.get(tenantName);
    if (tenant === undefined) {
      throw new ApiError("FORBIDDEN", `there is no tenant ${tenantName}; an operator must create the Tenant first`);
    }
    // Everything that can be refused is refused before anything exists.
    context.templateCheck.assertUsable(template);
    const parameters = resolveParameters(template.spec.parameters, request.parameters ?? {});
    const nowMs = context.clock.now();
    const planned = planSession({ tenant, idempotencyKey, request, template, parameters, nowMs, traceparent });
    const { reservations, sessions } = context;
    assertTenantAllows(
      tenant,
      template,
      planned.spec.user.id,
      reservations.countedWith(sessions.byIndex(TENANT_INDEX, tenantName)),
    );
    using _place = reservations.reserve(planned);
    const created = await context.client.create(SESSIONS, planned, { signal });
    publishSessionEvent(context, "created", created);
    await keepSecretParameters(context, created, parameters.secrets, signal);
    // The place is held until the cache counts the session.
    await context.waiter.until(created.metadata.name, () => true, deadlineSignal(CACHE_LAG_MS, signal));
    return created;
  } catch (error) {
    if (!isAlreadyExists(error) && !(error instanceof ApiError)) throw error;
    // Another replica may have made it already, which our cache does not show: then this is a replay.
    const existing = await findObject(context.client, SESSIONS, sessionName(tenantName, idempotencyKey), { signal });
    if (existing === undefined) throw error;
    return await replay(context, envelope, existing, { request, key: idempotencyKey });
  }
}

/** The session that an equal request made. @throws ApiError `CONFLICT` when the request was another. */
async function replay(
  context: RequestContext,
  { signal }: RequestEnvelope,
  existing: Session,
  { request, key }: { readonly request: CreateRequest; readonly key: string },
): Promise<Session> {
  const { name } = existing.metadata;
  if (existing.spec.requestDigest !== digestOf(key, request)) {
    throw new ApiError(
      "CONFLICT",
      `this Idempotency-Key made session ${name} from another request body; use a new key for a new session`,
    );
  }
  // Who created it may have died before it kept them. The digest says that the values are the same.
  const started = existing.status?.readyAt !== undefined || existing.spec.end !== undefined;
  if (!started && existing.spec.secretParameters !== undefined) {
    const given = request.parameters ?? {};
    const secrets = existing.spec.secretParameters.map((parameter) => [parameter, String(given[parameter] ?? "")]);
    await keepSecretParameters(context, existing, Object.fromEntries(secrets), signal);
  }
  return existing;
}

async function findTemplate(context: RequestContext, name: string, signal: AbortSignal): Promise<SessionTemplate> {
  const template =
    context.templates.get(name) ?? (await findObject(context.client, SESSION_TEMPLATES, name, { signal }));
  if (template !== undefined) return template;
  throw new ApiError("NOT_FOUND", `there is no template ${name}; \`kubectl get sessiontemplates\` lists them`);
}

/** Ready, or it will never be. */
function isSettled(session: Session): boolean {
  return session.status?.phase === "Ready" || isOver(session);
}
