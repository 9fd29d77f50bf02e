import type { Lifetime, Session } from "@carrel/api";
import { parseDurationMs } from "@carrel/std";

/** Times of a session, as `spec` has them. */
export interface StartTimes {
  readonly expiresAt: string;
  readonly deadlineAt: string;
  readonly startDeadlineAt: string;
}

/**
 * The times of a session that gets its place now: what was granted when it was asked for, counted from now. The start
 * deadline is the template's; the others keep their distance from it, so doing this twice is as good as once. Pure.
 */
export function planStart({ spec }: Session, lifetime: Pick<Lifetime, "startDeadline">, nowMs: number): StartTimes {
  const startDeadlineMs = nowMs + parseDurationMs(lifetime.startDeadline);
  const shiftMs = startDeadlineMs - Date.parse(spec.startDeadlineAt);
  // Moves forward only: a template whose start deadline was cut since must not cut the session.
  const moved = (instant: string): string => new Date(Date.parse(instant) + Math.max(0, shiftMs)).toISOString();
  return {
    expiresAt: moved(spec.expiresAt),
    deadlineAt: moved(spec.deadlineAt),
    startDeadlineAt: new Date(startDeadlineMs).toISOString(),
  };
}
