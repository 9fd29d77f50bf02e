import { z } from "zod";
import { SESSION_NAME_PATTERN } from "../names.ts";
import { parameterValueSchema, userSchema } from "../kinds/session.ts";

const sessionName = z.string().regex(new RegExp(SESSION_NAME_PATTERN));

/** Body of `session.create`. Unknown fields are refused, so that a typo never means a default. */
export const createRequestSchema = z.strictObject({
  template: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/),
  user: userSchema.strict(),
  parameters: z.record(z.string().max(63), parameterValueSchema).default({}),
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
