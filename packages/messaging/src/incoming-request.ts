import { randomUUID } from "node:crypto";
import { ApiError, DNS_LABEL_PATTERN, HEADERS, subjects } from "@carrel/api";
import type { MsgHdrs } from "@nats-io/transport-node";
import type { z } from "zod";
import { decodeBody } from "./decode-body.ts";
import { fromNatsHeaders, headerOf, type MessageHeaders } from "./message-headers.ts";
import { requestDeadline, type DeadlineLimits, type RequestDeadline } from "./request-deadline.ts";
import { traceparentOrNew } from "./trace-context.ts";

/** A request as its handler sees it. */
export interface IncomingRequest<Body> {
  readonly subject: string;
  /** From the subject: NATS permissions are what proves it. */
  readonly tenant: string;
  readonly body: Body;
  /** Names in lower case. */
  readonly headers: MessageHeaders;
  readonly idempotencyKey: string | undefined;
  /** When the caller stops waiting: milliseconds since the epoch. */
  readonly deadlineMs: number;
  /** Aborts when the handler must come to an answer now: near the deadline, or when stopping has waited long enough. */
  readonly signal: AbortSignal;
  /** Aborts when the service begins to stop: whoever waits for something else to happen should answer now. */
  readonly stopping: AbortSignal;
  /** Goes into the answer and into logs. */
  readonly requestId: string;
  /** The caller's trace context, or a new one. */
  readonly traceparent: string;
}

/** What is known of a message before its body is looked at. */
export interface Envelope {
  readonly requestId: string;
  readonly subject: string;
  readonly tenant: string;
}

/** A message that turned out to be a request. */
export interface AcceptedRequest<Body> extends Envelope {
  readonly body: Body;
  readonly headers: MessageHeaders;
  readonly idempotencyKey: string | undefined;
  readonly traceparent: string;
  readonly deadline: RequestDeadline;
}

/** How requests on a subject are read. */
export interface DecodeOptions<Schema extends z.ZodType> extends DeadlineLimits {
  readonly schema: Schema;
  readonly maxPayloadBytes: number;
}

const TENANT = new RegExp(DNS_LABEL_PATTERN);

/** Whose message it is; undefined when the subject has no tenant in it. */
export function envelopeOf(subject: string): Envelope | undefined {
  const tenant = subjects.tenantOf(subject);
  return tenant === undefined || !TENANT.test(tenant) ? undefined : { requestId: randomUUID(), subject, tenant };
}

/** Reads a request. @throws ApiError `INVALID` or `EXPIRED`. */
export function acceptRequest<Schema extends z.ZodType>(
  envelope: Envelope,
  message: { readonly data: Uint8Array; readonly headers?: MsgHdrs | undefined },
  nowMs: number,
  options: DecodeOptions<Schema>,
): AcceptedRequest<z.output<Schema>> {
  const headers = readHeaders(message);
  const deadline = requestDeadline(headerOf(headers, HEADERS.deadline), nowMs, options);
  return {
    ...envelope,
    headers,
    deadline,
    idempotencyKey: headerOf(headers, HEADERS.idempotencyKey),
    traceparent: traceparentOrNew(headerOf(headers, HEADERS.traceparent)),
    body: decodeBody(message.data, options.schema, options.maxPayloadBytes),
  };
}

/**
 * The headers of a message. nats.js parses them when they are read and throws for a name that is none: that must never
 * reach its reader. @throws ApiError `INVALID`.
 */
export function readHeaders(message: { readonly headers?: MsgHdrs | undefined }): MessageHeaders {
  try {
    return fromNatsHeaders(message);
  } catch (error) {
    throw new ApiError("INVALID", "a header has a malformed name or value", { cause: error });
  }
}
