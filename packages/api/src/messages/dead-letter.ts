import { z } from "zod";
import { instant } from "../kinds/object-meta.ts";
import { errorViewSchema } from "./replies.ts";

/**
 * A request of a work queue that came to nothing, as operators find it on `carrel.v1.dlq.TENANT.session.OPERATION`. It is
 * for finding out what happened, not for sending again: the caller has its answer.
 */
export const deadLetterSchema = z.object({
  subject: z.string(),
  tenant: z.string(),
  requestId: z.string(),
  /** What the caller was told. */
  error: errorViewSchema,
  deliveryCount: z.int(),
  /** Place in the queue's stream. */
  sequence: z.int(),
  at: instant,
  headers: z.record(z.string(), z.string()),
  /** Size of the request's body. */
  bytes: z.int(),
  /** What may be kept of the body; no value of a parameter. */
  body: z.unknown().optional(),
});
export type DeadLetter = z.infer<typeof deadLetterSchema>;
