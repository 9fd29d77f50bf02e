import type { AccessLevel, Route } from "../routing/route.ts";
import type { Authentication } from "./identity.ts";

/** What a level says to somebody: let in, unknown (sign in), or known and not allowed. */
export type Access = "allowed" | "unauthenticated" | "forbidden";

/** True while a credential counts: it is for this very Session object, and not from before a revocation. */
export function isCurrent(authentication: Authentication, route: Route): boolean {
  return (
    authentication.via !== "none" &&
    authentication.sessionUid === route.sessionUid &&
    authentication.authenticatedAtMs >= route.revokedBeforeMs
  );
}

/** Compares a level with who asks. The credential must be current. Pure. */
export function accessTo(level: AccessLevel, authentication: Authentication, route: Route): Access {
  if (level === "public") return "allowed";
  if (authentication.via === "none") return "unauthenticated";
  if (authentication.tenant !== route.tenant) return "forbidden";
  if (level === "tenant" || authentication.subject === route.user) return "allowed";
  return "forbidden";
}
