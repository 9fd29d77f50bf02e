import { z } from "zod";
import { SESSION_NAME_PATTERN } from "../names.ts";
import { parameterValueSchema, sessionSpecSchema, userSchema } from "../kinds/session.ts";
import { duration } from "../kinds/template/duration.ts";

const sessionName = z.string().regex(new RegExp(SESSION_NAME_PATTERN));

/** Body of `session.create`. Unknown fields are refused, so that a typo never means a default. */
export const createRequestSchema = z.strictObject({
  template: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/),
  user: userSchema.strict(),
  parameters: z.record(z.string().max(63), parameterValueSchema).default({}),
  /** Shorter or longer than the template's, never past its `max`. */
  duration: duration.optional(),
  /** Where the end page leads back to. */
  returnUrl: sessionSpecSchema.shape.returnUrl,
  /** `ready`: answer when the URL works (or `pending` at the deadline); `accepted`: answer at once. */
  wait: z.enum(["ready", "accepted"]).default("ready"),
});
export type CreateRequest = z.input<typeof createRequestSchema>;

/** Body of `session.get`. */
export const getRequestSchema = z.strictObject({ session: sessionName });
/** Body of `session.list`: living sessions of the tenant, oldest first. */
export const listRequestSchema = z.strictObject({
  user: z.string().max(256).optional(),
  includeEnded: z.boolean().default(false),
  limit: z.int().min(1).max(500).default(100),
  continue: z.string().max(64).optional(),
});
/** Body of `session.end`. */
export const endSessionRequestSchema = z.strictObject({
  session: sessionName,
  reason: z.enum(["EndedByUser", "EndedByTenant", "EndedByOperator"]).default("EndedByTenant"),
});
/** Body of `session.token`: a fresh token for a living session. */
export const tokenRequestSchema = z.strictObject({ session: sessionName });
/** Body of `session.extend`: moves the end forward; a retry with the same Idempotency-Key does not extend twice. */
export const extendRequestSchema = z.strictObject({
  session: sessionName,
  /** By how much; default the template's `lifetime.extension`. */
  by: duration.optional(),
});
/** Body of `session.revoke`: every token that was minted before now is void; open streams are cut. */
export const revokeRequestSchema = z.strictObject({ session: sessionName });
