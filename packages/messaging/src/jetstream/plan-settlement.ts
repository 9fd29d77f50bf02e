import type { Answer } from "../answer.ts";

/** What becomes of a queued request once its handler has come to an answer. */
export type Settlement =
  /** Answer, and take it off the queue. */
  | { readonly do: "answer" }
  /** Answer, keep a copy for operators, and take it off the queue. */
  | { readonly do: "reject" }
  /** Put it back without an answer. */
  | { readonly do: "retry"; readonly delayMs: number };

/** What is known when a request is to be settled. */
export interface SettlementFacts {
  readonly answer: Answer;
  /** Milliseconds from now to the request's deadline; undefined when it never got so far. */
  readonly leftMs: number | undefined;
  /** 1 for the first. */
  readonly deliveryCount: number;
  readonly maxDeliver: number;
}

/** Kept free at the end, for the last try and its answer. */
const RESERVE_MS = 500;
/** Sooner than this nothing has changed. */
const MIN_DELAY_MS = 250;

/**
 * A retryable error puts the request back as long as its deadline and the server's count of deliveries allow: with n
 * deliveries left, the pauses grow like 1, 2, 4, … and together fill the time that is left, so that the last try falls
 * shortly before the deadline. Whoever cannot try again answers what it has. Pure.
 */
export function planSettlement({ answer, leftMs, deliveryCount, maxDeliver }: SettlementFacts): Settlement {
  if (!("error" in answer)) return { do: "answer" };
  const { retryable, retryAfterMs = 0 } = answer.error;
  if (!retryable || leftMs === undefined) return { do: "reject" };
  const deliveriesLeft = maxDeliver - deliveryCount;
  const usableMs = leftMs - RESERVE_MS;
  const wantedMs = Math.max(MIN_DELAY_MS, retryAfterMs);
  if (deliveriesLeft <= 0 || usableMs < wantedMs) return { do: "reject" };
  const shareMs = usableMs / (2 ** deliveriesLeft - 1);
  return { do: "retry", delayMs: Math.round(Math.max(wantedMs, shareMs)) };
}
