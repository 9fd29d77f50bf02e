import { randomUUID } from "node:crypto";
import {
  HEADERS,
  subjects,
  type CreateRequest,
  type ListReply,
  type SessionOperation,
  type SessionReply,
} from "@carrel/api";
import { connectMessaging, inboxPrefix, type Answered, type Messaging } from "@carrel/messaging";
import type { NatsAccess } from "./nats-access.ts";

type Ok<Reply> = Omit<Extract<Reply, { readonly ok: true }>, "ok">;

/** Requests as a tenant's backend sends them. */
export class Backend implements AsyncDisposable {
  readonly #messaging: Messaging;
  readonly #tenant: string;

  private constructor(messaging: Messaging, tenant: string) {
    this.#messaging = messaging;
    this.#tenant = tenant;
  }

  /** Connects as the tenant that `access` is for. */
  static async connect(access: NatsAccess, signal: AbortSignal): Promise<Backend> {
    const messaging = await connectMessaging({
      servers: [access.servers],
      credentials: { user: access.user, password: access.password },
      name: "carrel-cli",
      inboxPrefix: inboxPrefix(access.user),
      connectTimeoutMs: 15_000,
      signal,
      logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    });
    return new Backend(messaging, access.user);
  }

  /** Creates a session and waits until it is ready; the same key gives the same session. */
  create(
    request: CreateRequest,
    options: { readonly key?: string; readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<Ok<SessionReply>> {
    return this.#ask("create", request, {
      ...options,
      headers: { [HEADERS.idempotencyKey]: options.key ?? randomUUID() },
    });
  }

  get(session: string, signal: AbortSignal): Promise<Ok<SessionReply>> {
    return this.#ask("get", { session }, { signal });
  }

  list(
    query: { readonly user?: string; readonly includeEnded?: boolean; readonly continue?: string },
    signal: AbortSignal,
  ): Promise<Ok<ListReply>> {
    return this.#ask("list", query, { signal });
  }

  end(session: string, signal: AbortSignal): Promise<Ok<SessionReply>> {
    return this.#ask("end", { session, reason: "EndedByOperator" }, { signal });
  }

  token(session: string, signal: AbortSignal): Promise<Ok<SessionReply>> {
    return this.#ask("token", { session }, { signal });
  }

  #ask<Body extends object>(
    operation: SessionOperation,
    body: object,
    options: { readonly timeoutMs?: number; readonly signal: AbortSignal; readonly headers?: Record<string, string> },
  ): Promise<Answered<Body>> {
    return this.#messaging.request(subjects.request(this.#tenant, operation), body, options);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#messaging.close();
  }
}
