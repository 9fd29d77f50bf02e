import { accessTo, isCurrent } from "../auth/access.ts";
import { endReasonOf, isOver, type Route } from "../routing/route.ts";
import type { Cut } from "./cut.ts";
import type { StreamFacts } from "./stream.ts";

/** What a verdict depends on besides the stream. */
export interface VerdictInput {
  /** Undefined when the Session is gone. */
  readonly route: Route | undefined;
  readonly nowMs: number;
  readonly isKeyCurrent: (keyId: string) => boolean;
}

/**
 * Whether an open stream must be cut, and why; undefined when it may stay. The same questions as for a new request, so
 * that no stream outlives the right that it was opened with. Pure.
 */
export function streamVerdict(stream: StreamFacts, input: VerdictInput): Cut | undefined {
  const { route } = input;
  if (route === undefined) return { cause: "sessionEnded", reason: "EndedByOperator" };
  if (isOver(route, input.nowMs)) return { cause: "sessionEnded", reason: endReasonOf(route) };
  const { authentication } = stream;
  if (authentication.via !== "none") {
    if (authentication.sessionUid !== route.sessionUid) return { cause: "sessionEnded", reason: "EndedByOperator" };
    if (!isCurrent(authentication, route)) return { cause: "revoked", reason: "" };
    if (!input.isKeyCurrent(authentication.keyId)) return { cause: "revoked", reason: "" };
  }
  // A session that is not ready (again) has no say about levels: its endpoints may not be listed.
  const endpoint = route.endpoints.get(stream.endpoint);
  const level = endpoint?.access ?? (stream.podUid === undefined ? "owner" : undefined);
  if (level === undefined || accessTo(level, authentication, route) !== "allowed") {
    return { cause: "accessLowered", reason: "" };
  }
  if (stream.podUid === undefined) return undefined;
  if (route.pod === undefined || (route.pod.uid === stream.podUid && route.pod.gone === true)) {
    return { cause: "podGone", reason: "" };
  }
  return route.pod.uid === stream.podUid ? undefined : { cause: "drain", reason: "" };
}
