import type { AnswerHead } from "./exchange.ts";

/** No answer makes a client wait longer than this at once. */
const LONGEST_MS = 60_000;
/** The least that waits are spread over, also for `Retry-After: 0`. */
const LEAST_SPREAD_MS = 100;

/**
 * How long to wait before a refused request is sent again, in milliseconds; undefined: do not.
 *
 * Only 429 (priority and fairness, a budget) and 503 (starting, stopping), and only with Retry-After: then the server
 * says that it has not executed the request. Up to as much again is added at random, so that all who were refused
 * together do not come back together. Seconds or a date (RFC 9110, 10.2.3). Pure but for `random`.
 */
export function retryAfterMs(head: AnswerHead, nowMs: number, random: () => number = Math.random): number | undefined {
  if (head.status !== 429 && head.status !== 503) return undefined;
  const header = head.headers["retry-after"]?.trim();
  if (header === undefined) return undefined;
  // Date.parse takes "-1" and "1.5" for years.
  const until = header.endsWith("GMT") ? Date.parse(header) : Number.NaN;
  const askedMs = /^\d+$/.test(header) ? Number(header) * 1000 : until - nowMs;
  if (Number.isNaN(askedMs)) return undefined;
  const waitMs = Math.min(Math.max(askedMs, 0), LONGEST_MS);
  return waitMs + random() * Math.max(waitMs, LEAST_SPREAD_MS);
}
