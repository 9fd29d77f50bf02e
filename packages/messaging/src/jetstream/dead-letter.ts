import { HEADERS, type DeadLetter, type ErrorView } from "@carrel/api";
import type { MessageHeaders } from "../message-headers.ts";

/** What a dead letter is made of. */
export interface DeadLetterFacts {
  readonly subject: string;
  readonly tenant: string;
  readonly requestId: string;
  readonly error: ErrorView;
  readonly deliveryCount: number;
  /** Its place in the queue's stream. */
  readonly sequence: number;
  readonly atMs: number;
  readonly headers: MessageHeaders;
  readonly payload: Uint8Array;
}

/**
 * Headers that are kept; of all others nobody can say what is in them. Not the idempotency key: it is the key of the
 * digest that a Session has of its request, and who has both can try values of secret parameters against it.
 */
const KEPT_HEADERS: readonly string[] = [HEADERS.deadline, HEADERS.replyTo, HEADERS.traceparent].map((name) =>
  name.toLowerCase(),
);

/** Larger bodies are not kept. */
const MAX_BODY_BYTES = 65_536;

/**
 * The document that operators find in the stream of dead letters. It is for finding out what happened, not for sending
 * again: the caller has been told that nothing comes of its request. `redact` takes out of the body what must not be
 * kept; a body that is no JSON is not kept at all, because nobody can say what is in it. Pure.
 */
export function renderDeadLetter(facts: DeadLetterFacts, redact: (body: unknown) => unknown): DeadLetter {
  const { atMs, headers, payload, ...rest } = facts;
  const kept = Object.entries(headers).filter(([name]) => KEPT_HEADERS.includes(name));
  const body = parse(payload);
  return {
    ...rest,
    at: new Date(atMs).toISOString(),
    headers: Object.fromEntries(kept),
    bytes: payload.byteLength,
    ...(body === undefined ? {} : { body: redact(body) }),
  };
}

function parse(payload: Uint8Array): unknown {
  if (payload.byteLength > MAX_BODY_BYTES) return undefined;
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload)) as unknown;
  } catch {
    return undefined;
  }
}
