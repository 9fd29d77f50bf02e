import type { EndReason, Session } from "@carrel/api";

/** What the reaper does next with a Session. */
export type SessionDecision =
  /** Nothing until it changes. */
  | { readonly action: "rest" }
  /** Look again after that time. */
  | { readonly action: "wait"; readonly ms: number }
  /** Close access: compare-and-swap to Ending. */
  | { readonly action: "end"; readonly reason: EndReason; readonly message: string }
  /** Access is closed: tear the workspace down, then write Ended. */
  | { readonly action: "teardown" }
  /** The tombstone has answered replays long enough. */
  | { readonly action: "forget" };

/** How long an Ended session answers replays. */
export const TOMBSTONE_MS = 24 * 3_600_000;

/**
 * The one decision about a session's end. Only stored times count, never a timer's own idea; an instant that cannot
 * be read ends nothing (unknown is never "over").
 */
export function decideSession(session: Session, nowMs: number): SessionDecision {
  const { spec, status, metadata } = session;
  if (metadata.deletionTimestamp !== undefined) return { action: "rest" };
  if (status?.phase === "Ended") {
    const left = Date.parse(status.endedAt ?? "") + TOMBSTONE_MS - nowMs;
    if (Number.isNaN(left)) return { action: "rest" };
    return left > 0 ? { action: "wait", ms: left } : { action: "forget" };
  }
  if (status?.phase === "Ending") return { action: "teardown" };
  if (spec.end !== undefined)
    return { action: "end", reason: spec.end.reason, message: spec.end.message ?? `asked for by ${spec.end.by}` };

  if (status?.phase === "Queued") return decideQueued(spec.queueDeadlineAt ?? spec.startDeadlineAt, nowMs);
  const untilExpiry = Date.parse(spec.expiresAt) - nowMs;
  if (untilExpiry <= 0) return { action: "end", reason: "Expired", message: `expiresAt ${spec.expiresAt} is over` };
  const untilStart = status?.phase === "Ready" ? Number.POSITIVE_INFINITY : Date.parse(spec.startDeadlineAt) - nowMs;
  if (untilStart <= 0) {
    const cause = status?.conditions?.find((condition) => condition.type === "Ready");
    return {
      action: "end",
      reason: "StartDeadlineExceeded",
      message: `not ready by ${spec.startDeadlineAt}${cause === undefined ? "" : `: ${cause.reason}: ${cause.message}`}`,
    };
  }
  const next = Math.min(...[untilExpiry, untilStart].filter((ms) => !Number.isNaN(ms)));
  return Number.isFinite(next) ? { action: "wait", ms: next } : { action: "rest" };
}

/** One who waits for a place: its other times begin to count when it gets one. */
function decideQueued(deadlineAt: string, nowMs: number): SessionDecision {
  const left = Date.parse(deadlineAt) - nowMs;
  if (Number.isNaN(left)) return { action: "rest" };
  if (left > 0) return { action: "wait", ms: left };
  return { action: "end", reason: "QueueDeadlineExceeded", message: `no place became free by ${deadlineAt}` };
}
