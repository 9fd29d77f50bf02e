import type { SessionPhase } from "@carrel/api";

/** Who may use an endpoint. */
export type AccessLevel = "owner" | "tenant" | "public";

/** One endpoint of a session. */
export interface RouteEndpoint {
  readonly port: number;
  readonly access: AccessLevel;
}

/** Where the pod of a session is. */
export interface RoutePod {
  /** UID of the pod that the Session names: an address counts only while it belongs to this pod. */
  readonly uid: string;
  /** Address to dial, or undefined while the pod is not usable (not ready, being deleted, address refused). */
  readonly address?: string;
  /** The pod was seen to vanish: whatever leads to it is over, its address may be somebody else's by now. */
  readonly gone?: boolean;
}

/** Everything that the proxy knows about a session. Immutable: a change is a new object. */
export interface Route {
  readonly session: string;
  readonly sessionUid: string;
  readonly tenant: string;
  /** Id of the user whose session it is. */
  readonly user: string;
  readonly phase: SessionPhase;
  /** True when access is closed whatever the clock says: Ending, Ended, the end was asked for, or it is being deleted. */
  readonly closed: boolean;
  /** Reason of the Ready condition. */
  readonly reason?: string;
  readonly message?: string;
  readonly endReason?: string;
  readonly expiresAtMs: number;
  /** Sign-ins from before this are void. */
  readonly revokedBeforeMs: number;
  readonly endpoints: ReadonlyMap<string, RouteEndpoint>;
  readonly pod?: RoutePod;
}

/** True once nobody may use the session any more. */
export function isOver(route: Route, nowMs: number): boolean {
  return route.closed || nowMs >= route.expiresAtMs;
}

/** Why it is over. */
export function endReasonOf(route: Route): string {
  return route.endReason ?? (route.closed ? "EndedByOperator" : "Expired");
}
