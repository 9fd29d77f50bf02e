/**
 * WebSocket close codes that Carrel's proxy sends (RFC 6455 §7.4; 4000–4999 are for applications).
 * `docs/reference/close-codes.md` is generated from this table.
 */
export const CLOSE_CODES = {
  drain: {
    code: 1012,
    means: "The proxy restarts or the pod was replaced.",
    client: "Reconnect after a random 0–3 s.",
  },
  limit: { code: 1013, means: "A limit is reached.", client: "Back off, then reconnect." },
  podGone: { code: 1014, means: "The pod vanished.", client: "Reconnect." },
  revoked: { code: 4001, means: "The token, user or key was revoked.", client: "Sign in again." },
  sessionEnded: { code: 4002, means: "The session ended; the reason is the end reason.", client: "Stop." },
  accessLowered: { code: 4003, means: "The endpoint's access level was lowered.", client: "Stop." },
  renewalMissed: { code: 4008, means: "The token ran out without a renewal.", client: "Renew, then reconnect." },
} as const;
export type CloseCause = keyof typeof CLOSE_CODES;
