import { z } from "zod";

const name = z.string().min(1).max(253);

/**
 * A Secret copied into the session and kept in step. The source consents by the annotation `carrel.dev/shared-with`
 * (template names, `*` matches any part).
 */
export const copiedSecretSchema = z.object({
  from: z.object({ namespace: z.string().min(1).max(63), name }),
  /** Default: the source's name. */
  to: name.optional(),
  /** Namespaces of the session by their short name, `primary` is the primary one. */
  namespaces: z.array(z.string().max(20)).min(1).max(16).default(["primary"]),
  /** Keys to copy; absent: all. */
  keys: z.array(z.string().max(253)).min(1).max(64).optional(),
  /** Also use it to pull images, by the desk and by the learner's default account. */
  pull: z.boolean().default(false),
});
export type CopiedSecret = z.infer<typeof copiedSecretSchema>;
