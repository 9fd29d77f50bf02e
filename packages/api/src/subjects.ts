/** Operations of a session over NATS request/reply. */
export const SESSION_OPERATIONS = ["create", "get", "list", "extend", "end", "revoke", "token"] as const;
export type SessionOperation = (typeof SESSION_OPERATIONS)[number];

/** Queue group of the provisioners: each request is answered by exactly one. */
export const PROVISIONER_QUEUE = "provisioner";

/** Name under which the provisioners answer `$SRV.PING`, `$SRV.INFO` and `$SRV.STATS`. */
export const SERVICE_NAME = "carrel";

/** JetStream streams of Carrel: `creates` buffers requests, the others keep those that came to nothing. */
export const STREAMS = {
  /** Work queue of `session.create.async`. */
  creates: "CARREL_CREATES",
  /** What the server says of requests that it gave up on, until a provisioner has answered them. */
  givenUp: "CARREL_CREATES_GIVEN_UP",
  /** Copies of requests that were refused or given up, for operators. */
  deadLetters: "CARREL_DEAD_LETTERS",
} as const;

/** The consumer of {@link STREAMS}.creates and of givenUp that all provisioners share. */
export const CREATES_CONSUMER = "provisioner";

/**
 * Subjects. The tenant is a token of the subject, never of the body: NATS permissions are what proves it.
 * `docs/reference/subjects.md` is generated from this table.
 */
export const subjects = {
  /** Where a tenant's backend sends a request. */
  request: (tenant: string, operation: SessionOperation): string => `carrel.v1.${tenant}.session.${operation}`,
  /** What the provisioner subscribes to. */
  requests: (operation: SessionOperation): string => `carrel.v1.*.session.${operation}`,
  /** Where a tenant's backend leaves a create that may wait while no provisioner is there: a stream keeps it. */
  asyncCreate: (tenant: string): string => `carrel.v1.${tenant}.session.create.async`,
  /** What a request that came to nothing is copied to. */
  deadLetter: (tenant: string): string => `carrel.v1.dlq.${tenant}.session.create`,
  /** Events of a session: hints that may be lost; the objects are the truth. */
  event: (tenant: string, session: string, event: string): string =>
    `carrel.v1.evt.${tenant}.session.${session}.${event}`,
  /** The tenant of a request subject. */
  tenantOf: (subject: string): string | undefined =>
    /^carrel\.v1\.([^.]+)\.session\.[a-z]+(?:\.async)?$/.exec(subject)?.[1],
} as const;

/** Message headers. */
export const HEADERS = {
  /** Same key, same body: same answer, for 24 h. */
  idempotencyKey: "Idempotency-Key",
  /** When the caller stops waiting: milliseconds since the epoch. */
  deadline: "Deadline",
  /** W3C trace context. */
  traceparent: "traceparent",
  /** Of `session.create.async` alone: the tenant's inbox that hears the answer. Without it, the events tell. */
  replyTo: "Reply-To",
} as const;
