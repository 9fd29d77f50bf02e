import { z } from "zod";
import { SESSION_PHASES } from "../phases.ts";
import { END_REASONS, type EndReason } from "../reasons.ts";
import { conditionSchema, instant, type ObjectMeta } from "./object-meta.ts";

const endReason = z.enum(Object.keys(END_REASONS) as [EndReason, ...EndReason[]]);

/** A value of a parameter. */
export const parameterValueSchema = z.union([z.string().max(4096), z.int(), z.boolean()]);
export type ParameterValue = z.infer<typeof parameterValueSchema>;

/** Who uses a session. */
export const userSchema = z.object({
  /** The SaaS's own id; the `sub` of tokens. */
  id: z.string().min(1).max(256),
  name: z.string().max(256).optional(),
  email: z.string().max(256).optional(),
  /** Further facts of the SaaS about the user; in templates `$(user.claims.NAME)`. Not for secrets. */
  claims: z
    .record(z.string().regex(/^[a-z][a-zA-Z0-9]{0,62}$/), z.string().max(1024))
    .meta({ maxProperties: 16 })
    .optional(),
});
export type User = z.infer<typeof userSchema>;

/** The request for an end; setting it is the one way to end a session. */
export const endRequestSchema = z.object({
  reason: endReason,
  at: instant,
  /** Who asked: a user id, `tenant`, `operator`, or the service that decided. */
  by: z.string().max(256),
  message: z.string().max(1024).optional(),
});
export type EndRequest = z.infer<typeof endRequestSchema>;

/** One user's right to one workspace until a time. */
export const sessionSpecSchema = z
  .object({
    tenant: z.string().max(63),
    template: z.object({ name: z.string().max(63), uid: z.string().max(64), generation: z.int().min(0) }),
    user: userSchema,
    /** Values as strings, whatever the parameter's type. */
    parameters: z.record(z.string(), z.string().max(4096)).default({}).meta({ maxProperties: 32 }),
    /** Names of the secret parameters; their values are in the Secret `SESSION-parameters`. */
    secretParameters: z.array(z.string().max(63)).max(32).optional(),
    /** HMAC-SHA256 of the canonical request, keyed by the idempotency key: what tells a replay from a conflict. */
    requestDigest: z.string().max(64),
    /** Name of the Workspace to create or claim; random, so the namespaces are unguessable. */
    workspace: z.string().max(63),
    /** When access ends. Moves forward only, never past `deadlineAt`. */
    expiresAt: instant,
    deadlineAt: instant,
    /** Not ready by then: it fails. */
    startDeadlineAt: instant,
    /** Still waiting for a place by then: it is given up. */
    queueDeadlineAt: instant.optional(),
    /** Where the end page leads back to. */
    returnUrl: z
      .string()
      .regex(/^https?:\/\/[^\s]+$/)
      .max(2048)
      .optional(),
    end: endRequestSchema.optional(),
    /** Tokens whose authentication is older are void. */
    revokedBefore: instant.optional(),
  })
  .meta({
    "x-kubernetes-validations": [
      {
        rule: "self.tenant == oldSelf.tenant && self.template == oldSelf.template && self.user == oldSelf.user && self.requestDigest == oldSelf.requestDigest",
        message: "tenant, template, user and requestDigest are immutable",
      },
      { rule: "self.parameters == oldSelf.parameters", message: "parameters are immutable" },
      { rule: "timestamp(self.expiresAt) >= timestamp(oldSelf.expiresAt)", message: "expiresAt moves forward only" },
      {
        rule: "timestamp(self.expiresAt) <= timestamp(self.deadlineAt)",
        message: "expiresAt must not pass deadlineAt",
      },
      {
        rule: "!has(oldSelf.revokedBefore) || (has(self.revokedBefore) && timestamp(self.revokedBefore) >= timestamp(oldSelf.revokedBefore))",
        message: "revokedBefore moves forward only",
      },
      { rule: "!has(oldSelf.end) || (has(self.end) && self.end == oldSelf.end)", message: "end is final once set" },
    ],
  });
export type SessionSpec = z.infer<typeof sessionSpecSchema>;

export const sessionStatusSchema = z.object({
  phase: z.enum(SESSION_PHASES).optional(),
  observedGeneration: z.int().min(0).optional(),
  conditions: z
    .array(conditionSchema)
    .max(8)
    .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"] })
    .readonly()
    .optional(),
  url: z.string().max(512).optional(),
  endpoints: z
    .array(
      z.object({
        name: z.string().max(40),
        title: z.string().max(128).optional(),
        url: z.string().max(512),
        host: z.string().max(253),
        /** Requests below it; absent: all that no other endpoint of that name takes. */
        path: z.string().max(256).optional(),
        port: z.int(),
        access: z.enum(["owner", "tenant", "public"]),
      }),
    )
    .max(16)
    .optional(),
  /** The claimed Workspace. */
  workspace: z.object({ name: z.string().max(63), uid: z.string().max(64) }).optional(),
  /** The pod that serves it; a proxy uses an address only while its UID is this one. */
  pod: z.object({ namespace: z.string().max(63), name: z.string().max(63), uid: z.string().max(64) }).optional(),
  /** Its place among those that wait; there only while it is Queued. */
  queue: z
    .object({
      /** 1 is the next. */
      position: z.int().min(1),
      /** When it may start, by the pace of the last minutes; absent while nothing is known. */
      estimatedStartAt: instant.optional(),
    })
    .optional(),
  links: z
    .array(z.object({ title: z.string().max(128), url: z.string().max(4096) }))
    .max(16)
    .optional(),
  readyAt: instant.optional(),
  endedAt: instant.optional(),
  endReason: endReason.optional(),
});
export type SessionStatus = z.infer<typeof sessionStatusSchema>;

export interface Session {
  readonly apiVersion: string;
  readonly kind: "Session";
  readonly metadata: ObjectMeta;
  readonly spec: SessionSpec;
  readonly status?: SessionStatus;
}
