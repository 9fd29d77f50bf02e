import { ApiError, HEADERS, type Reply } from "@carrel/api";
import { systemClock } from "@carrel/std";
import {
  InvalidArgumentError,
  InvalidSubjectError,
  type Msg,
  NoRespondersError,
  PermissionViolationError,
  TimeoutError,
} from "@nats-io/transport-node";
import { NoAnswerError, RemoteError } from "./errors.ts";
import type { Answered } from "./messaging.ts";
import { toNatsHeaders } from "./message-headers.ts";
import type { MessagingSession } from "./session.ts";
import { traceparentOrNew } from "./trace-context.ts";

/** How to send a request. */
export interface RequestOptions {
  /** `Deadline` and `traceparent` are added when absent. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** How long to wait for the answer, in milliseconds; default 5,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** See `Messaging.request`. */
export async function request<Body extends object>(
  { connection, state }: MessagingSession,
  subject: string,
  body: object,
  options: RequestOptions = {},
): Promise<Answered<Body>> {
  const { timeoutMs = 5000, signal } = options;
  signal?.throwIfAborted();
  // nats.js would keep the request in memory and throw it away at the next dial.
  if (!state.connected()) throw new NoAnswerError("not-connected", "there is no connection to NATS");
  const lost = state.connectionLost();
  const headers = toNatsHeaders({
    [HEADERS.deadline]: String(Math.floor(systemClock.now() + timeoutMs)),
    ...options.headers,
    [HEADERS.traceparent]: traceparentOrNew(options.headers?.[HEADERS.traceparent]),
  });

  const answer = connection.request(subject, JSON.stringify(body), {
    timeout: Math.min(Math.max(1, timeoutMs), 2 ** 31 - 1),
    headers,
  });
  let message: Msg;
  try {
    message = await firstOf(answer, lost, signal);
  } catch (error) {
    if (signal?.aborted === true && error === signal.reason) throw error;
    throw translateRequestError(error, subject, timeoutMs, lost.aborted);
  }
  return decodeReply<Body>(message);
}

/** The answer, or a rejection as soon as one of the signals aborts. nats.js alone would wait for its time-out. */
export async function firstOf(answer: Promise<Msg>, lost: AbortSignal, signal: AbortSignal | undefined): Promise<Msg> {
  const settled = Promise.withResolvers<Msg>();
  const onLost = (): void =>
    settled.reject(new NoAnswerError("disconnected", "the connection broke before the answer came"));
  const onAbort = (): void => settled.reject(signal?.reason as Error);
  lost.addEventListener("abort", onLost, { once: true });
  signal?.addEventListener("abort", onAbort, { once: true });
  answer.then(settled.resolve, settled.reject);
  try {
    return await settled.promise;
  } finally {
    lost.removeEventListener("abort", onLost);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** What went wrong with a request, in the words of this package. */
export function translateRequestError(error: unknown, subject: string, timeoutMs: number, lost: boolean): unknown {
  if (error instanceof ApiError) return error;
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (cause instanceof NoRespondersError) {
    return new NoAnswerError("no-responders", `nobody answers on ${subject}`, { cause: error });
  }
  if (cause instanceof PermissionViolationError) {
    return new ApiError(
      "FORBIDDEN",
      `NATS does not allow this user to ${cause.operation === "publish" ? "publish on" : "subscribe to"} ${cause.subject}`,
      { cause: error },
    );
  }
  if (cause instanceof TimeoutError) {
    return new NoAnswerError("timeout", `no answer on ${subject} within ${Math.round(timeoutMs)} ms`, { cause: error });
  }
  if (cause instanceof InvalidArgumentError || cause instanceof InvalidSubjectError) {
    return new ApiError("INVALID", `cannot send to ${JSON.stringify(subject)}: ${cause.message}`, { cause: error });
  }
  const why = lost ? "disconnected" : "not-connected";
  return new NoAnswerError(why, "the connection to NATS is closed", { cause: error });
}

/** The body of an answer. @throws RemoteError what it says; ApiError `INTERNAL` when it is no reply of Carrel. */
export function decodeReply<Body extends object>(message: Msg): Answered<Body> {
  let reply: Reply<Body>;
  try {
    reply = message.json<Reply<Body>>();
  } catch (error) {
    throw new ApiError("INTERNAL", "the answer is not JSON", { cause: error });
  }
  if (reply.ok === true) return reply;
  if (reply.ok === false && typeof reply.error === "object") throw new RemoteError(reply.error, reply.requestId);
  throw new ApiError("INTERNAL", "the answer is not a reply of Carrel");
}
