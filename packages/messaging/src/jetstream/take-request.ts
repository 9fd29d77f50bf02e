import { ApiError } from "@carrel/api";
import { systemClock } from "@carrel/std";
import type { JsMsg } from "@nats-io/jetstream";
import type { z } from "zod";
import { errorAnswer, type Answer } from "../answer.ts";
import type { FairQueue } from "../fair-queue.ts";
import { acceptRequest, envelopeOf, readHeaders, type Envelope, type IncomingRequest } from "../incoming-request.ts";
import type { LogSink } from "../log-sink.ts";
import { runRequest, type RequestRun } from "../run-request.ts";
import { replyTarget } from "./reply-target.ts";
import type { QueuedRequest } from "./settle-request.ts";

/** How delivered messages become running requests. */
export interface TakeRequestOptions<Schema extends z.ZodType> {
  readonly schema: Schema;
  readonly handle: (request: IncomingRequest<z.output<Schema>>) => Promise<object>;
  readonly queue: FairQueue;
  readonly maxPayloadBytes: number;
  /** How long the stream keeps a request: later than that it is answered to nobody. */
  readonly maxAgeMs: number;
  readonly stopping: AbortSignal;
  /** Called exactly once. */
  readonly answer: (request: QueuedRequest, answer: Answer) => void;
  /** Called instead for what cannot be answered. */
  readonly drop: (message: JsMsg) => void;
  readonly logger: LogSink;
}

/** Between the handler's signal, its answer and the deadline. */
const MARGIN_MS = 250;
const NANOS_PER_MS = 1_000_000;

/**
 * Runs a delivered request, or answers at once what is no request, comes after its deadline or finds no place. Undefined
 * when nothing runs. Never throws, whatever the message is.
 */
export function takeRequest<Schema extends z.ZodType>(
  message: JsMsg,
  options: TakeRequestOptions<Schema>,
): RequestRun | undefined {
  const envelope = envelopeOf(message.subject);
  if (envelope === undefined) {
    // Nobody to answer and no tenant to keep it for.
    options.logger.warn({ subject: message.subject.slice(0, 256) }, "dropped a queued request without a tenant");
    message.term();
    options.drop(message);
    return undefined;
  }
  let request: QueuedRequest = { message, envelope, headers: {}, replyTo: undefined, deadlineMs: undefined };
  try {
    const headers = readHeaders(message);
    request = { ...request, headers };
    request = { ...request, replyTo: replyTarget(envelope.tenant, headers) };
    const accepted = accept(message, envelope, options);
    request = { ...request, deadlineMs: accepted.deadline.deadlineMs };
    const { queue, handle, stopping, logger } = options;
    const answer = (result: Answer): void => options.answer(request, result);
    const run = runRequest({ accepted, queue, handle, stopping, answer, logger });
    if (run === undefined) answer(errorAnswer(new ApiError("UNAVAILABLE", "too many requests at once")));
    return run;
  } catch (error) {
    if (!(error instanceof ApiError)) options.logger.error({ err: error, ...envelope }, "cannot take a queued request");
    options.answer(request, errorAnswer(error));
    return undefined;
  }
}

function accept<Schema extends z.ZodType>(message: JsMsg, envelope: Envelope, options: TakeRequestOptions<Schema>) {
  const nowMs = systemClock.now();
  const storedAtMs = message.info.timestampNanos / NANOS_PER_MS;
  const keptForMs = storedAtMs + options.maxAgeMs - nowMs;
  if (keptForMs <= 0) throw new ApiError("EXPIRED", "the request waited longer than requests may");
  return acceptRequest(envelope, message, nowMs, {
    schema: options.schema,
    maxPayloadBytes: options.maxPayloadBytes,
    defaultTimeoutMs: keptForMs,
    maxTimeoutMs: keptForMs,
    marginMs: MARGIN_MS,
  });
}
