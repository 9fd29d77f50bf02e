/** Operations of a session over NATS request/reply. */
export const SESSION_OPERATIONS = ["create", "get", "list", "extend", "end", "revoke", "token"] as const;
export type SessionOperation = (typeof SESSION_OPERATIONS)[number];

/** Queue group of the provisioners: each request is answered by exactly one. */
export const PROVISIONER_QUEUE = "provisioner";

/**
 * Subjects. The tenant is a token of the subject, never of the body: NATS permissions are what proves it.
 * `docs/reference/subjects.md` is generated from this table.
 */
export const subjects = {
  /** Where a tenant's backend sends a request. */
  request: (tenant: string, operation: SessionOperation): string => `carrel.v1.${tenant}.session.${operation}`,
  /** What the provisioner subscribes to. */
  requests: (operation: SessionOperation): string => `carrel.v1.*.session.${operation}`,
  /** Events of a session: hints that may be lost; the objects are the truth. */
  event: (tenant: string, session: string, event: string): string =>
    `carrel.v1.evt.${tenant}.session.${session}.${event}`,
  /** The tenant of a request subject. */
  tenantOf: (subject: string): string | undefined => /^carrel\.v1\.([^.]+)\.session\.[a-z]+$/.exec(subject)?.[1],
} as const;

/** Message headers. */
export const HEADERS = {
  /** Same key, same body: same answer, for 24 h. */
  idempotencyKey: "Idempotency-Key",
  /** When the caller stops waiting: milliseconds since the epoch. */
  deadline: "Deadline",
  /** W3C trace context. */
  traceparent: "traceparent",
} as const;
