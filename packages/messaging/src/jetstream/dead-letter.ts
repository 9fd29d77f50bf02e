import type { DeadLetter, ErrorView } from "@carrel/api";
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

/** Larger bodies are not kept. */
const MAX_BODY_BYTES = 65_536;

/**
 * The document that operators find in the stream of dead letters. It is for finding out what happened, not for sending
 * again: the caller has been told that nothing comes of its request. `redact` takes out of the body what must not be
 * kept; a body that is no JSON is not kept at all, because nobody can say what is in it. Pure.
 */
export function renderDeadLetter(facts: DeadLetterFacts, redact: (body: unknown) => unknown): DeadLetter {
  const { atMs, headers, payload, ...rest } = facts;
  const kept = Object.entries(headers).filter(([name]) => !name.startsWith("nats-"));
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
