import { z } from "zod";
import { instant } from "../kinds/object-meta.ts";
import { ERROR_CODES, type ErrorCode } from "../error-codes.ts";
import { SESSION_PHASES } from "../phases.ts";
import { END_REASONS, type EndReason } from "../reasons.ts";

/** A session as callers see it. Never contains a token or a secret. */
export const sessionViewSchema = z.object({
  name: z.string(),
  tenant: z.string(),
  template: z.string(),
  user: z.object({
    id: z.string(),
    name: z.string().optional(),
    email: z.string().optional(),
    claims: z.record(z.string(), z.string()).optional(),
  }),
  /** `queued` while it waits for a place, `pending` while it is made. */
  state: z.enum(["queued", "pending", "ready", "ending", "ended"]),
  phase: z.enum(SESSION_PHASES),
  /** Reason and message of the Ready condition. */
  reason: z.string().optional(),
  message: z.string().optional(),
  queue: z.object({ position: z.int(), estimatedStartAt: instant.optional() }).optional(),
  url: z.string().optional(),
  endpoints: z.array(z.object({ name: z.string(), title: z.string().optional(), url: z.string() })).optional(),
  links: z.array(z.object({ title: z.string(), url: z.string() })).optional(),
  createdAt: instant,
  readyAt: instant.optional(),
  expiresAt: instant,
  /** No extension goes past it. */
  deadlineAt: instant,
  endedAt: instant.optional(),
  endReason: z.enum(Object.keys(END_REASONS) as [EndReason, ...EndReason[]]).optional(),
  endMessage: z.string().optional(),
});
export type SessionView = z.infer<typeof sessionViewSchema>;

/** An error as callers see it. */
export const errorViewSchema = z.object({
  code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
  message: z.string(),
  retryable: z.boolean(),
  /** Milliseconds to wait before the same request is sent again. */
  retryAfterMs: z.int().optional(),
});
export type ErrorView = z.infer<typeof errorViewSchema>;

/** Every reply: one of the two, with the id that finds the request in logs. */
export type Reply<Body> =
  | ({ readonly ok: true; readonly requestId: string } & Body)
  | { readonly ok: false; readonly requestId: string; readonly error: ErrorView };

/** The reply that says what went wrong. */
export const errorReplySchema = z.object({ ok: z.literal(false), requestId: z.string(), error: errorViewSchema });

/**
 * Reply of `create`, `get`, `extend`, `end`, `revoke` and `token`. `token` is an exchange token (≤ 60 s, for
 * `url?carrel_token=`) and is only there for `create` and `token` on a ready session; `loginUrl` is the two together.
 */
export const sessionReplySchema = z.object({
  ok: z.literal(true),
  requestId: z.string(),
  session: sessionViewSchema,
  token: z.string().optional(),
  loginUrl: z.string().optional(),
});
export type SessionReply = Reply<Omit<z.infer<typeof sessionReplySchema>, "ok" | "requestId">>;

/** Reply of `list`. `continue` is there when more sessions follow. */
export const listReplySchema = z.object({
  ok: z.literal(true),
  requestId: z.string(),
  sessions: z.array(sessionViewSchema),
  continue: z.string().optional(),
});
export type ListReply = Reply<Omit<z.infer<typeof listReplySchema>, "ok" | "requestId">>;
