import { CarrelError } from "@carrel/std";
import { StatusError } from "../client/status-error.ts";

/**
 * Why a list or a watch can end; the values of a metric's label.
 *
 * - `closed`: the server ended the watch in order. `expired`: 410, the version is too old.
 * - `silent`: not a byte for longer than a healthy server is ever quiet. `disordered`: an event older than the one
 *   before it, which no API server sends: the stream, or etcd's history, was tampered with.
 * - `throttled`: 429. `denied`: 401, 403. `refused`: another 4xx. `server_error`: 5xx.
 * - `lost`: no answer, a cut connection, or a line that cannot be read.
 */
export const END_REASONS = [
  "closed",
  "expired",
  "silent",
  "disordered",
  "throttled",
  "denied",
  "refused",
  "server_error",
  "lost",
] as const;

/** Why a list or a watch ended. */
export type EndReason = (typeof END_REASONS)[number];

/** The end of a list or watch. */
export interface End {
  readonly reason: EndReason;
  readonly error?: unknown;
  /** How long the watch was to last, in milliseconds. */
  readonly askedForMs?: number;
  /** What the server asked to wait, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** Reads an end from what the client threw. */
export function endOf(error: unknown): End {
  const retryAfterMs = error instanceof CarrelError ? error.retryAfterMs : undefined;
  const reason = error instanceof StatusError ? reasonOf(error.status) : "lost";
  return retryAfterMs === undefined ? { reason, error } : { reason, error, retryAfterMs };
}

/** Whether the cache must be listed anew before the next watch. */
export function needsRelist(reason: EndReason): boolean {
  return reason === "expired" || reason === "disordered" || reason === "refused";
}

function reasonOf(status: number): EndReason {
  if (status === 410) return "expired";
  if (status === 429) return "throttled";
  if (status === 401 || status === 403) return "denied";
  return status >= 500 ? "server_error" : "refused";
}
