import { ApiError, type Lifetime, type Session } from "@carrel/api";
import { parseDurationMs } from "@carrel/std";
import { isOver } from "./is-over.ts";

const MINUTE_MS = 60_000;
const LEAST_EXTENSION_MS = 5 * MINUTE_MS;
const COUNTED_DURATION_MS = 240 * MINUTE_MS;

/** One extension as the template says, or a quarter of the duration (of at most 4 h), at least 5 minutes. Pure. */
export function extensionMs(lifetime: Lifetime): number {
  if (lifetime.extension !== undefined) return parseDurationMs(lifetime.extension);
  return Math.max(LEAST_EXTENSION_MS, Math.min(parseDurationMs(lifetime.duration), COUNTED_DURATION_MS) / 4);
}

/**
 * The new end of a session, in milliseconds since the epoch. Without `by` it is the extension that a user may ask for
 * once the rest is shorter than one extension; with `by` the tenant's backend decides. Never past the deadline. Pure.
 *
 * @throws ApiError `PENDING` before it is ready, `EXPIRED` once it is over, `TOO_EARLY` with the time to wait, `QUOTA`
 * when it already lasts as long as it may.
 */
export function planExtension(
  session: Session,
  lifetime: Lifetime,
  request: { readonly by?: string | undefined; readonly nowMs: number },
): number {
  const { name } = session.metadata;
  const phase = session.status?.phase;
  const expiresAtMs = Date.parse(session.spec.expiresAt);
  const deadlineAtMs = Date.parse(session.spec.deadlineAt);
  if (isOver(session) || expiresAtMs <= request.nowMs) throw new ApiError("EXPIRED", `session ${name} has ended`);
  if (phase !== "Ready") throw new ApiError("PENDING", `session ${name} is not ready yet`, { retryAfterMs: 1000 });
  if (expiresAtMs >= deadlineAtMs)
    throw new ApiError("QUOTA", `session ${name} already lasts as long as it may, until ${session.spec.deadlineAt}`);
  const stepMs = request.by === undefined ? extensionMs(lifetime) : parseDurationMs(request.by);
  const earlyMs = expiresAtMs - request.nowMs - stepMs;
  if (request.by === undefined && earlyMs > 0)
    throw new ApiError("TOO_EARLY", `session ${name} can be extended when less than ${stepMs / 1000} s are left`, {
      retryAfterMs: earlyMs,
    });
  return Math.min(expiresAtMs + stepMs, deadlineAtMs);
}
