import type { ErrorCode } from "../error-codes.ts";
import type { SessionPhase } from "../phases.ts";
import type { EndReason } from "../reasons.ts";

/** A session as callers see it. Never contains a token. */
export interface SessionView {
  readonly name: string;
  readonly tenant: string;
  readonly template: string;
  readonly user: { readonly id: string; readonly name?: string | undefined; readonly email?: string | undefined };
  /** `pending` before Ready. */
  readonly state: "pending" | "ready" | "ending" | "ended";
  readonly phase: SessionPhase;
  /** Reason and message of the Ready condition. */
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly url?: string | undefined;
  readonly endpoints?:
    | readonly { readonly name: string; readonly title?: string | undefined; readonly url: string }[]
    | undefined;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly endReason?: EndReason | undefined;
}

/** An error as callers see it. */
export interface ErrorView {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number | undefined;
}

/** Every reply: one of the two, with the id that finds the request in logs. */
export type Reply<Body> =
  | ({ readonly ok: true; readonly requestId: string } & Body)
  | { readonly ok: false; readonly requestId: string; readonly error: ErrorView };

/**
 * Reply of `create`, `get`, `end` and `token`. `token` is an exchange token (≤ 60 s, for `url?carrel_token=`) and is
 * only there for `create` and `token` on a ready session; `loginUrl` is the two put together.
 */
export type SessionReply = Reply<{
  readonly session: SessionView;
  readonly token?: string;
  readonly loginUrl?: string;
}>;
/** Reply of `list`. `continue` is there when more sessions follow. */
export type ListReply = Reply<{ readonly sessions: readonly SessionView[]; readonly continue?: string }>;
