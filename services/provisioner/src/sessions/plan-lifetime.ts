import { ApiError, type Lifetime, type Tenant } from "@carrel/api";
import { parseDurationMs } from "@carrel/std";

/** The times of a session, in milliseconds since the epoch. */
export interface PlannedLifetime {
  readonly expiresAtMs: number;
  readonly deadlineAtMs: number;
  readonly startDeadlineAtMs: number;
  readonly queueDeadlineAtMs: number;
}

/**
 * The times of a session that starts now: the template's, a duration that the request asks for, and the tenant's bound
 * over both. Pure.
 *
 * @throws ApiError `INVALID` when the request asks for more than template and tenant allow.
 */
export function planLifetime(input: {
  readonly lifetime: Lifetime;
  readonly tenant: Tenant;
  /** Of the request, as a duration. */
  readonly wanted: string | undefined;
  readonly nowMs: number;
}): PlannedLifetime {
  const { lifetime, tenant, wanted, nowMs } = input;
  const bound = tenant.spec.maxLifetime;
  const maxMs = Math.min(parseDurationMs(lifetime.max), bound === undefined ? Infinity : parseDurationMs(bound));
  if (wanted !== undefined && parseDurationMs(wanted) > maxMs)
    throw new ApiError(
      "INVALID",
      `duration: at most ${bound === undefined ? lifetime.max : `${maxMs / 1000}s`} is allowed`,
    );
  return {
    expiresAtMs: nowMs + Math.min(parseDurationMs(wanted ?? lifetime.duration), maxMs),
    deadlineAtMs: nowMs + maxMs,
    startDeadlineAtMs: nowMs + parseDurationMs(lifetime.startDeadline),
    queueDeadlineAtMs: nowMs + parseDurationMs(lifetime.queueDeadline),
  };
}
