import { ApiError, subjects } from "@carrel/api";
import { systemClock } from "@carrel/std";
import { type Msg, PermissionViolationError, type Subscription } from "@nats-io/transport-node";
import type { z } from "zod";
import { errorAnswer, sendAnswer, type Outcome } from "./answer.ts";
import { MAX_PAYLOAD_BYTES } from "./decode-body.ts";
import { FairQueue } from "./fair-queue.ts";
import { isInboxOf } from "./inbox.ts";
import { acceptRequest, envelopeOf, type DecodeOptions, type IncomingRequest } from "./incoming-request.ts";
import { runRequest, type RequestRun } from "./run-request.ts";
import type { MessagingSession } from "./session.ts";

/** How to answer requests. */
export interface ServeOptions<Schema extends z.ZodType> {
  /** With a wildcard for the tenant, e.g. `subjects.requests("create")`. */
  readonly subject: string;
  /** Each request goes to one member of the group. */
  readonly queue: string;
  readonly schema: Schema;
  /**
   * Gives the body of the answer. An ApiError that it throws is answered as such, anything else is INTERNAL and logged.
   * It must come to an end soon after `signal` aborts; if not, it is answered for (UNAVAILABLE).
   */
  readonly handle: (request: IncomingRequest<z.output<Schema>>) => Promise<object>;
  /** Handlers at once; default 64. */
  readonly maxInFlight?: number;
  /** Handlers of one tenant at once; default half of `maxInFlight`. */
  readonly maxInFlightPerTenant?: number;
  /** Requests that wait for a handler; default 4 × `maxInFlight`. One tenant takes at most half of them. */
  readonly maxQueued?: number;
  /** Default 64 KiB. */
  readonly maxPayloadBytes?: number;
  /** For requests without a `Deadline`; default 10,000. */
  readonly defaultTimeoutMs?: number;
  /** Default 600,000. */
  readonly maxTimeoutMs?: number;
  /** Time between a handler's signal, the answer and the deadline; default 250 each, less for short deadlines. */
  readonly marginMs?: number;
  /** Called once per request, for metrics. */
  readonly onAnswered?: (answered: AnsweredRequest) => void;
}

/** What happened to a request. */
export interface AnsweredRequest {
  /** The subject as it was served, with its wildcards. */
  readonly subject: string;
  readonly outcome: Outcome;
  readonly durationMs: number;
}

/** Requests being served. Dispose it to stop in good order. */
export interface Served extends AsyncDisposable {
  /** False when the subscription ended by itself (permission withdrawn): for readiness. */
  active(): boolean;
  /** Handlers that run. */
  inFlight(): number;
  /** Requests that wait for a handler. */
  queued(): number;
  /**
   * Takes no more requests, lets handlers finish for `timeoutMs` (default 10,000), then aborts them. Every request that
   * was taken has been answered when it resolves. Never rejects.
   */
  close(timeoutMs?: number): Promise<void>;
}

const RETRY_AFTER_MS = 1000;
const DRAIN_LIMIT_MS = 5000;

/** See `Messaging.serve`. @throws ApiError `FORBIDDEN` when the user may not listen there, `INVALID` without a tenant. */
export async function serve<Schema extends z.ZodType>(
  { connection, state, logger }: MessagingSession,
  options: ServeOptions<Schema>,
): Promise<Served> {
  const { subject, maxInFlight = 64, marginMs = 250 } = options;
  if (subjects.tenantOf(subject) === undefined) {
    throw new ApiError("INVALID", `${subject} has no tenant in it: see subjects.requests`);
  }
  const maxQueued = options.maxQueued ?? 4 * maxInFlight;
  const queue = new FairQueue({
    maxRunning: maxInFlight,
    maxRunningPerKey: options.maxInFlightPerTenant ?? Math.ceil(maxInFlight / 2),
    maxWaiting: maxQueued,
    maxWaitingPerKey: Math.max(1, Math.ceil(maxQueued / 2)),
  });
  const decoding: DecodeOptions<Schema> = {
    schema: options.schema,
    maxPayloadBytes: options.maxPayloadBytes ?? MAX_PAYLOAD_BYTES,
    defaultTimeoutMs: options.defaultTimeoutMs ?? 10_000,
    maxTimeoutMs: options.maxTimeoutMs ?? 600_000,
    marginMs,
  };
  const stopping = new AbortController();
  const runs = new Set<RequestRun>();
  let failure: Error | undefined;

  const onMessage = (message: Msg): void => {
    const startMs = systemClock.monotonic();
    const envelope = envelopeOf(message.subject);
    const reply = message.reply ?? "";
    if (envelope === undefined || !isInboxOf(envelope.tenant, reply)) {
      // Nobody to answer, or somebody whom the sender may not write to.
      logger.warn(
        { subject: message.subject, replyTo: reply.slice(0, 64) },
        "dropped a request without an inbox of its tenant",
      );
      return;
    }
    const { requestId, tenant } = envelope;
    const answer = (result: Parameters<typeof sendAnswer>[2]): void => {
      const outcome = sendAnswer(message, requestId, result, logger);
      const durationMs = systemClock.monotonic() - startMs;
      logger.debug({ subject: message.subject, tenant, requestId, outcome, durationMs }, "answered a request");
      options.onAnswered?.({ subject, outcome, durationMs });
    };
    try {
      const accepted = acceptRequest(envelope, message, systemClock.now(), decoding);
      const run = runRequest({ accepted, queue, handle: options.handle, stopping: stopping.signal, answer, logger });
      if (run === undefined) {
        answer(errorAnswer(new ApiError("UNAVAILABLE", "too many requests at once", { retryAfterMs: RETRY_AFTER_MS })));
        return;
      }
      runs.add(run);
      void run.settled.then(() => runs.delete(run));
    } catch (error) {
      if (!(error instanceof ApiError)) logger.error({ err: error, requestId, tenant }, "cannot take a request");
      answer(errorAnswer(error));
    }
  };

  const subscription = connection.subscribe(subject, {
    queue: options.queue,
    callback: (error, message) => {
      // An exception in here would end the reader of the whole connection.
      if (error === null) return onMessage(message);
      failure = error;
      logger.error({ err: error, subject }, "NATS ended a subscription");
    },
  });
  // The server complains before it answers the ping of the flush. Without a connection, the reconnect subscribes.
  if (state.connected()) await connection.flush().catch(() => undefined);
  if (failure instanceof PermissionViolationError) {
    throw new ApiError("FORBIDDEN", `NATS does not allow this user to serve ${subject}`, { cause: failure });
  }

  const close = async (timeoutMs = 10_000): Promise<void> => {
    if (stopping.signal.aborted) return;
    stopping.abort(new ApiError("UNAVAILABLE", "the service is stopping"));
    await endSubscription(subscription, state.connected());
    const settled = (): Promise<unknown> => Promise.all([...runs].map((run) => run.settled));
    await within(timeoutMs, settled());
    for (const run of runs) run.hurry(new ApiError("UNAVAILABLE", "the service is stopping; ask again"));
    await within(marginMs, settled());
    for (const run of runs) run.giveUp(new ApiError("UNAVAILABLE", "the service is stopping; ask again"));
    if (state.connected()) await within(DRAIN_LIMIT_MS, connection.flush());
  };
  return {
    active: () => failure === undefined && !subscription.isClosed(),
    inFlight: () => queue.running,
    queued: () => queue.waiting,
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

/** Messages that the server has sent already are still delivered. */
async function endSubscription(subscription: Subscription, connected: boolean): Promise<void> {
  if (subscription.isClosed()) return;
  if (connected) await within(DRAIN_LIMIT_MS, subscription.drain());
  else subscription.unsubscribe();
}

/** Waits for it, but not longer than that; how it ends does not matter. */
async function within(ms: number, promise: Promise<unknown>): Promise<void> {
  const done = new AbortController();
  const finish = (): void => done.abort();
  promise.then(finish, finish);
  await systemClock.sleep(ms, done.signal).catch(() => undefined);
}
