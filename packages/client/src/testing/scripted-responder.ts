import {
  type CreateRequest,
  createRequestSchema,
  listRequestSchema,
  PROVISIONER_QUEUE,
  sessionName,
  type SessionView,
  subjects,
  tokenRequestSchema,
} from "@carrel/api";
import { connectMessaging, type IncomingRequest, inboxPrefix, type Messaging, silentLog } from "@carrel/messaging";
import type { NatsServer } from "@carrel/testkit";

/** What the other side answers a create with. */
export type CreateScript = (request: IncomingRequest<CreateRequest>, view: SessionView) => Promise<object>;

/**
 * The other end of the wire for tests of the client: it answers by a script what a provisioner answers, including the
 * failures that a real one shows only by accident. That the real one answers alike is what test/integration checks.
 */
export async function startResponder(server: NatsServer, script: CreateScript): Promise<Messaging> {
  const { pass } = server.credentials("provisioner");
  const messaging = await connectMessaging({
    servers: [server.url],
    credentials: { user: "provisioner", password: pass },
    name: "responder",
    inboxPrefix: inboxPrefix("provisioner"),
    logger: silentLog,
  });
  const queue = PROVISIONER_QUEUE;
  await messaging.serve({
    subject: subjects.requests("create"),
    queue,
    schema: createRequestSchema,
    handle: (request) =>
      script(request, viewOf(request.tenant, sessionName(request.tenant, request.idempotencyKey ?? ""), "pending")),
  });
  await messaging.serve({
    subject: subjects.requests("list"),
    queue,
    schema: listRequestSchema,
    handle: async ({ tenant, body }) => {
      const all = Array.from({ length: 7 }, (_, index) => viewOf(tenant, `s${index}`, "ready"));
      const from = Number(body.continue ?? 0);
      const sessions = all.slice(from, from + body.limit);
      const next = from + body.limit;
      return next < all.length ? { sessions, continue: String(next) } : { sessions };
    },
  });
  await messaging.serve({
    subject: subjects.requests("token"),
    queue,
    schema: tokenRequestSchema,
    handle: async ({ tenant, body }) => ({
      session: viewOf(tenant, body.session, "ready"),
      token: "t",
      loginUrl: "https://s/?carrel_token=t",
    }),
  });
  return messaging;
}

/** A session as callers see it. */
export function viewOf(tenant: string, name: string, state: "pending" | "ready"): SessionView {
  return {
    name,
    tenant,
    template: "lab",
    user: { id: "u1" },
    state,
    phase: state === "ready" ? "Ready" : "Provisioning",
    createdAt: "2026-01-01T00:00:00Z",
    expiresAt: "2026-01-01T01:00:00Z",
    deadlineAt: "2026-01-01T08:00:00Z",
  };
}
