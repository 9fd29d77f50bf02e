import {
  createRequestSchema,
  endSessionRequestSchema,
  extendRequestSchema,
  getRequestSchema,
  listRequestSchema,
  PROVISIONER_QUEUE,
  revokeRequestSchema,
  sessionView,
  subjects,
  tokenRequestSchema,
  type SessionOperation,
} from "@carrel/api";
import type { AnsweredRequest, IncomingRequest, Messaging, Served } from "@carrel/messaging";
import type { z } from "zod";
import { createSession } from "./create-session.ts";
import { endSession } from "./end-session.ts";
import { extendSession } from "./extend-session.ts";
import { findSession } from "./find-session.ts";
import { listSessions } from "./list-sessions.ts";
import { TENANT_INDEX, type RequestContext, type RequestEnvelope } from "./request-context.ts";
import { revokeSession } from "./revoke-session.ts";
import { sessionAnswer } from "./session-answer.ts";
import { sessionToken } from "./session-token.ts";
import { translateErrors } from "./translate-errors.ts";

/** Creates wait for a pod, so many are in flight at once; each costs a few kilobytes. */
const MAX_CREATES_IN_FLIGHT = 512;

/** Answers the session requests of all tenants until the result is disposed. */
export async function serveRequests(
  messaging: Messaging,
  context: RequestContext,
  onAnswered: (answered: AnsweredRequest) => void,
): Promise<AsyncDisposableStack> {
  const served = new AsyncDisposableStack();
  const serve = async <Schema extends z.ZodType>(
    operation: SessionOperation,
    schema: Schema,
    handle: (envelope: RequestEnvelope, body: z.output<Schema>) => Promise<object>,
    maxInFlight?: number,
  ): Promise<Served> =>
    served.use(
      await messaging.serve({
        subject: subjects.requests(operation),
        queue: PROVISIONER_QUEUE,
        schema,
        onAnswered,
        handle: (request) => translateErrors(() => handle(envelopeOf(request), request.body)),
        ...(maxInFlight === undefined ? {} : { maxInFlight }),
      }),
    );
  await Promise.all([
    serve(
      "create",
      createRequestSchema,
      (envelope, body) => createSession(context, envelope, body),
      MAX_CREATES_IN_FLIGHT,
    ),
    serve("get", getRequestSchema, async (envelope, body) => {
      const { session } = await sessionAnswer(context, await findSession(context, envelope, body.session));
      return { session };
    }),
    serve("list", listRequestSchema, (envelope, body) => {
      const { sessions, ...rest } = listSessions(context.sessions.byIndex(TENANT_INDEX, envelope.tenant), {
        tenant: envelope.tenant,
        ...body,
      });
      return Promise.resolve({ sessions: sessions.map(sessionView), ...rest });
    }),
    serve("end", endSessionRequestSchema, (envelope, body) => endSession(context, envelope, body)),
    serve("extend", extendRequestSchema, (envelope, body) => extendSession(context, envelope, body)),
    serve("revoke", revokeRequestSchema, (envelope, body) => revokeSession(context, envelope, body)),
    serve("token", tokenRequestSchema, (envelope, body) => sessionToken(context, envelope, body)),
  ]);
  return served;
}

function envelopeOf(request: IncomingRequest<unknown>): RequestEnvelope {
  return {
    tenant: request.tenant,
    idempotencyKey: request.idempotencyKey,
    traceparent: request.traceparent,
    // Who waits for a pod answers `pending` when the service stops; the caller asks again, another replica answers.
    signal: AbortSignal.any([request.signal, request.stopping]),
  };
}
