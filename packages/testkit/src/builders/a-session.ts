import { createHash, randomUUID } from "node:crypto";
import {
  API_VERSION,
  newWorkspaceName,
  type ObjectMeta,
  type Session,
  sessionName,
  type SessionSpec,
  sessionSpecSchema,
  type SessionStatus,
  sessionStatusSchema,
} from "@carrel/api";
import { kubernetesTime } from "./stored.ts";

/** What {@link aSession} may be given. */
export interface SessionGiven {
  readonly metadata?: Partial<ObjectMeta>;
  readonly spec?: Partial<SessionSpec>;
  readonly status?: SessionStatus;
  /** What its times count from, in milliseconds since the epoch; default now. */
  readonly nowMs?: number;
}

const MINUTE_MS = 60_000;

/**
 * A Session of the user `ada` of the tenant `acme` that was just asked for: 5 minutes to start, ends in an hour, at
 * the latest in eight; but for what is given. Its name is that of a fresh idempotency key.
 * @throws ZodError for an invalid spec or status.
 */
export function aSession(given: SessionGiven = {}): Session {
  const { metadata, spec, status, nowMs = Date.now() } = given;
  const tenant = spec?.tenant ?? "acme";
  const key = randomUUID();
  return {
    apiVersion: API_VERSION,
    kind: "Session",
    metadata: { name: sessionName(tenant, key), ...metadata },
    spec: sessionSpecSchema.parse({
      tenant,
      template: { name: "terminal", uid: randomUUID(), generation: 1 },
      user: { id: "ada", name: "Ada Lovelace" },
      parameters: {},
      requestDigest: createHash("sha256").update(key).digest("hex"),
      workspace: newWorkspaceName(),
      startDeadlineAt: kubernetesTime(nowMs + 5 * MINUTE_MS),
      expiresAt: kubernetesTime(nowMs + 60 * MINUTE_MS),
      deadlineAt: kubernetesTime(nowMs + 480 * MINUTE_MS),
      ...spec,
    }),
    ...(status === undefined ? {} : { status: sessionStatusSchema.parse(status) }),
  };
}
