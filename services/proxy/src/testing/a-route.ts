import type { Route } from "../routing/route.ts";

export const SESSION = "sabcdefghijklmnopqrst";
export const SESSION_UID = "11111111-2222-3333-4444-555555555555";
export const DOMAIN = "carrel.localhost";

/** A ready session of user ada of tenant acme: `main` (owner), `team` (tenant) and `web` (public), all on one port. */
export function aRoute(port: number, change: Partial<Route> = {}): Route {
  return {
    session: SESSION,
    sessionUid: SESSION_UID,
    tenant: "acme",
    user: "ada",
    phase: "Ready",
    closed: false,
    expiresAtMs: Date.now() + 3_600_000,
    revokedBeforeMs: 0,
    endpoints: new Map([
      ["main", { port, access: "owner" }],
      ["team", { port, access: "tenant" }],
      ["web", { port, access: "public" }],
    ]),
    pod: { uid: "pod-1", address: "127.0.0.1" },
    ...change,
  };
}
