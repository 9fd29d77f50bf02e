import type { SessionPhase } from "@carrel/api";
import { progressText } from "../pages/waiting-page.ts";
import { endReasonOf, isOver, type Route } from "../routing/route.ts";

/** What `/.carrel/status` says: JSON for pages of a session. */
export interface SessionStatusBody {
  readonly session: string;
  readonly endpoint: string;
  readonly phase: SessionPhase;
  /** Requests reach the workspace now. */
  readonly usable: boolean;
  /** Of the phase: why it is not ready, or why it has ended. */
  readonly reason?: string;
  /** For people. */
  readonly message?: string;
  /** RFC 3339, UTC. */
  readonly expiresAt: string;
}

/** The status of a session for those who may use it. Pure. */
export function sessionStatus(route: Route, endpoint: string, nowMs: number): SessionStatusBody {
  const over = isOver(route, nowMs);
  const phase = over && route.phase !== "Ended" ? "Ending" : route.phase;
  const usable = !over && route.phase === "Ready" && route.pod?.address !== undefined && route.endpoints.has(endpoint);
  const reason = over ? endReasonOf(route) : route.reason;
  return {
    session: route.session,
    endpoint,
    phase,
    usable,
    ...(reason === undefined ? {} : { reason }),
    ...(usable || over ? {} : { message: progressText(route) }),
    expiresAt: new Date(route.expiresAtMs).toISOString(),
  };
}
