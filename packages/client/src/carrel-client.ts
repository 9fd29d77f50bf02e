import { randomUUID } from "node:crypto";
import {
  ApiError,
  type CreateRequest,
  DNS_LABEL_PATTERN,
  type EndReason,
  HEADERS,
  sessionName,
  type SessionOperation,
  type SessionView,
  subjects,
} from "@carrel/api";
import {
  connectMessaging,
  inboxPrefix,
  type LogSink,
  type Messaging,
  type MessagingCredentials,
  type MessagingTls,
  silentLog,
} from "@carrel/messaging";
import { systemClock } from "@carrel/std";
import { retryUntil } from "./retry-until.ts";
import { eventsSubject, readSessionEvent, type SessionEvents } from "./session-events.ts";

/** How a SaaS backend connects. */
export interface CarrelClientOptions {
  /** `nats://HOST:PORT`; several are tried in random order. */
  readonly servers: readonly string[];
  /** The tenant that the credentials are for. */
  readonly tenant: string;
  readonly credentials?: MessagingCredentials;
  readonly tls?: MessagingTls;
  /** Shown in the server's connection list; default `@carrel/client`. */
  readonly name?: string;
  /** How long to try to connect at first, in milliseconds; default 10,000. */
  readonly connectTimeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Default: none. */
  readonly logger?: LogSink;
}

/** How long a call may take. */
export interface CallOptions {
  /** When the caller stops waiting: milliseconds since the epoch. Default: in 15 s; for `createSession` in 60 s. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** {@link CallOptions} and the key that makes a create idempotent. */
export interface CreateOptions extends CallOptions {
  /**
   * One per action of a user, e.g. the id of the order. The same key gives the same session for 24 h after its end; with
   * another request it is CONFLICT. Default: a random one, which only covers the retries within this call.
   */
  readonly idempotencyKey?: string;
}

/** A session, and how to enter it when it is ready. */
export interface SessionAnswer {
  readonly session: SessionView;
  /** Exchange token, valid at most 60 s, once. */
  readonly token?: string;
  /** The URL to send the user to: it holds the token. Do not log it. */
  readonly loginUrl?: string;
}

/** Which sessions to list. */
export interface ListFilter {
  /** Only those of this user. */
  readonly user?: string;
  readonly includeEnded?: boolean;
  /** Sessions per request, 1–500; default 100. */
  readonly pageSize?: number;
}

interface ListPage {
  readonly sessions: readonly SessionView[];
  readonly continue?: string;
}

const CREATE_TIMEOUT_MS = 60_000;
const CALL_TIMEOUT_MS = 15_000;
/** States of a session that may still become ready. */
const STARTING = new Set<SessionView["state"]>(["queued", "pending"]);
/** A server that froze with the request costs this much; then the same request goes to another. */
const CREATE_ATTEMPT_MS = 5000;
const CALL_ATTEMPT_MS = 3000;

/**
 * Carrel as a SaaS backend sees it, for one tenant. Calls may be made at the same time. All of them are idempotent and
 * are sent again, with full jitter, until their deadline; what no retry can cure is thrown at once as ApiError with a
 * stable `code` (see `docs/reference/errors.md`).
 */
export class CarrelClient implements AsyncDisposable {
  readonly tenant: string;
  readonly #messaging: Messaging;

  private constructor(tenant: string, messaging: Messaging) {
    this.tenant = tenant;
    this.#messaging = messaging;
  }

  /**
   * Connects. @throws ApiError `INVALID` for what cannot be a tenant, `UNAUTHENTICATED` when NATS refuses the
   * credentials, `UNAVAILABLE` when no server answers in time.
   */
  static async connect(options: CarrelClientOptions): Promise<CarrelClient> {
    const { tenant, logger = silentLog, name = "@carrel/client", connectTimeoutMs = 10_000, ...connection } = options;
    if (!new RegExp(DNS_LABEL_PATTERN).test(tenant)) {
      throw new ApiError("INVALID", `${JSON.stringify(tenant)} cannot be the name of a tenant`);
    }
    const settings = { ...connection, name, connectTimeoutMs, logger, inboxPrefix: inboxPrefix(tenant) };
    return new CarrelClient(tenant, await connectMessaging(settings));
  }

  /** False while there is no connection; it comes back by itself. */
  connected(): boolean {
    return this.#messaging.connected();
  }

  /** Resolves when the connection is gone for good: with the error if the servers refused the credentials. */
  get closed(): Promise<Error | undefined> {
    return this.#messaging.closed;
  }

  /**
   * Creates a session, or finds the one that the key made before. With `wait: "ready"` (the default) it waits until the
   * session is ready; `session.state` is `queued` or `pending` if it is not by the deadline: then ask `getSession` or wait for the
   * event `ready`, and get a token with `sessionToken`.
   *
   * @throws ApiError, for example `INVALID`, `QUOTA`, `CONFLICT`, `NO_CAPACITY`. After `UNAVAILABLE` a session may exist
   * all the same: the same key finds it, and so does `getSession(client.sessionNameOf(key))`.
   */
  async createSession(request: CreateRequest, options: CreateOptions = {}): Promise<SessionAnswer> {
    const key = options.idempotencyKey ?? randomUUID();
    const deadlineMs = options.deadlineMs ?? systemClock.now() + CREATE_TIMEOUT_MS;
    const headers = { [HEADERS.idempotencyKey]: key };
    const waits = request.wait !== "accepted";
    let pending: SessionAnswer | undefined;
    const attempt = async (timeoutMs: number): Promise<SessionAnswer | undefined> => {
      const { signal } = options;
      const subject = subjects.request(this.tenant, "create");
      const answer = await this.#messaging.request<SessionAnswer>(subject, request, { headers, timeoutMs, signal });
      if (!waits || !STARTING.has(answer.session.state)) return sessionAnswer(answer);
      pending = sessionAnswer(answer);
      return undefined;
    };
    try {
      return await retryUntil(attempt, {
        deadlineMs,
        attemptMs: CREATE_ATTEMPT_MS,
        signal: options.signal,
        clock: systemClock,
      });
    } catch (error) {
      const gaveUp = error instanceof ApiError && error.retryable;
      if (pending !== undefined && gaveUp) return pending;
      throw error;
    }
  }

  /** The name of the session that a key makes. */
  sessionNameOf(idempotencyKey: string): string {
    return sessionName(this.tenant, idempotencyKey);
  }

  /** A session. @throws ApiError `NOT_FOUND`. */
  async getSession(session: string, options: CallOptions = {}): Promise<SessionView> {
    return (await this.#call<SessionAnswer>("get", { session }, options)).session;
  }

  /** Living sessions, oldest first; pages are fetched as they are needed. */
  async *listSessions(
    filter: ListFilter = {},
    options: CallOptions = {},
  ): AsyncGenerator<SessionView, void, undefined> {
    const { pageSize, ...rest } = filter;
    const query = { ...rest, ...(pageSize === undefined ? {} : { limit: pageSize }) };
    let page = await this.#call<ListPage>("list", query, options);
    for (;;) {
      yield* page.sessions;
      if (page.continue === undefined) return;
      page = await this.#call<ListPage>("list", { ...query, continue: page.continue }, options);
    }
  }

  /** Asks for the end of a session; ending one that ends already is no error. Access is cut at once. */
  async endSession(
    session: string,
    options: CallOptions & { readonly reason?: Extract<EndReason, "EndedByUser" | "EndedByTenant"> } = {},
  ): Promise<SessionView> {
    const { reason = "EndedByTenant", ...rest } = options;
    return (await this.#call<SessionAnswer>("end", { session, reason }, rest)).session;
  }

  /**
   * Moves a session's end forward: by `by` (a duration such as `30m`), or by what its template allows a user near the
   * end. The key makes it safe to repeat; default a random one, which only covers the retries within this call.
   *
   * @throws ApiError `TOO_EARLY` with `retryAfterMs`, `QUOTA` at the latest possible end, `PENDING`, `EXPIRED`.
   */
  async extendSession(session: string, options: CreateOptions & { readonly by?: string } = {}): Promise<SessionView> {
    const { by, idempotencyKey = randomUUID(), ...rest } = options;
    const headers = { [HEADERS.idempotencyKey]: idempotencyKey };
    const body = { session, ...(by === undefined ? {} : { by }) };
    return (await this.#call<SessionAnswer>("extend", body, rest, headers)).session;
  }

  /** Voids every token minted before now and cuts what they opened; the session goes on. @throws ApiError `EXPIRED`. */
  async revokeSession(session: string, options: CallOptions = {}): Promise<SessionView> {
    return (await this.#call<SessionAnswer>("revoke", { session }, options)).session;
  }

  /**
   * A fresh way into a session, for each visit of its user. Waits, until the deadline, for one that is not ready.
   * @throws ApiError `PENDING` when it is not ready by then, `EXPIRED` when it has ended, `NOT_FOUND`.
   */
  async sessionToken(session: string, options: CallOptions = {}): Promise<SessionAnswer> {
    return sessionAnswer(await this.#call<SessionAnswer>("token", { session }, options));
  }

  /**
   * What happens to the tenant's sessions, or to one of them, from this call on. Events are hints that can be lost; a
   * `gap` says when. Iterating throws ApiError `FORBIDDEN` when the credentials do not allow it.
   */
  watchEvents(options: { readonly session?: string; readonly signal?: AbortSignal | undefined } = {}): SessionEvents {
    const { session, signal } = options;
    const stream = this.#messaging.events(eventsSubject(this.tenant, session), { signal });
    const events: SessionEvents = {
      ready: stream.ready,
      [Symbol.asyncIterator]: () => events,
      next: async () => {
        for (;;) {
          const { done, value } = await stream.next();
          if (done === true) return { done, value: undefined };
          const event = readSessionEvent(value);
          if (event !== undefined) return { done: false, value: event };
        }
      },
      return: async () => {
        await stream[Symbol.asyncDispose]();
        return { done: true, value: undefined };
      },
      [Symbol.asyncDispose]: () => stream[Symbol.asyncDispose](),
    };
    return events;
  }

  /** Ends the connection. Requests that are under way fail with `UNAVAILABLE`. */
  close(): Promise<void> {
    return this.#messaging.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #call<Body extends object>(
    operation: SessionOperation,
    body: object,
    options: CallOptions,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Body> {
    const { signal, deadlineMs = systemClock.now() + CALL_TIMEOUT_MS } = options;
    const subject = subjects.request(this.tenant, operation);
    return retryUntil((timeoutMs) => this.#messaging.request<Body>(subject, body, { headers, timeoutMs, signal }), {
      deadlineMs,
      attemptMs: CALL_ATTEMPT_MS,
      signal,
      clock: systemClock,
    });
  }
}

/** Without what only the wire needs. */
function sessionAnswer({ session, token, loginUrl }: SessionAnswer): SessionAnswer {
  return { session, ...(token === undefined ? {} : { token }), ...(loginUrl === undefined ? {} : { loginUrl }) };
}
