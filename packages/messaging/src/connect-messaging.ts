import { type CarrelError, backoffMs, deadlineSignal, systemClock } from "@carrel/std";
import { ApiError } from "@carrel/api";
import { AuthorizationError, connect, type NatsConnection, type NodeConnectionOptions } from "@nats-io/transport-node";
import { authenticatorOf, type MessagingCredentials } from "./credentials.ts";
import { followConnection } from "./connection-state.ts";
import { announce } from "./discovery/announce.ts";
import { publishEvent, subscribeEvents } from "./events.ts";
import { enqueue } from "./jetstream/enqueue.ts";
import { startWorkQueue } from "./jetstream/work-queue.ts";
import type { LogSink } from "./log-sink.ts";
import type { Messaging } from "./messaging.ts";
import { request } from "./request.ts";
import { serve } from "./serve.ts";

/** TLS towards the servers; used when a server offers it. */
export interface MessagingTls {
  /** PEM file of the certificate authority; without it the system's. */
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

/** How to connect. */
export interface ConnectMessagingOptions {
  /** `nats://HOST:PORT`; several are tried in random order. */
  readonly servers: readonly string[];
  readonly credentials?: MessagingCredentials;
  readonly tls?: MessagingTls;
  /** Shown in the server's connection list. */
  readonly name: string;
  /** See `inboxPrefix`; must be one that the user may subscribe to. */
  readonly inboxPrefix?: string;
  /** How long to try at first, in milliseconds; default 60,000. Later there is no end to reconnecting. */
  readonly connectTimeoutMs?: number;
  /** Aborts the first connecting. It does not close what is connected: dispose the result. */
  readonly signal?: AbortSignal | undefined;
  readonly logger: LogSink;
}

const DIAL_TIMEOUT_MS = 5000;
const DRAIN_TIMEOUT_MS = 5000;

/**
 * Connects to NATS and stays connected: reconnects for ever, 250–1000 ms apart, finds a dead server by pings within
 * 30 s, leaves a server that shuts down. Only `closed` ends it: the servers refuse the credentials twice in a row, or
 * it was disposed.
 *
 * @throws ApiError `UNAUTHENTICATED` when the credentials are refused or unreadable, `UNAVAILABLE` when no server
 * answered within `connectTimeoutMs`; the signal's reason when it aborts.
 */
export async function connectMessaging(options: ConnectMessagingOptions): Promise<Messaging> {
  const { logger } = options;
  const connection = await firstConnection(options);
  const state = followConnection(connection, logger);
  logger.info({ server: connection.getServer(), version: connection.info?.version }, "connected to NATS");
  const session = { connection, state, logger, inboxPrefix: options.inboxPrefix ?? "_INBOX" };
  const close = async (): Promise<void> => {
    if (connection.isClosed()) return;
    // Draining waits for the server: pointless without a connection, and not for ever with one that hangs.
    const limit = deadlineSignal(DRAIN_TIMEOUT_MS, state.connectionLost());
    if (limit.aborted) return connection.close();
    const cut = (): void => void connection.close();
    limit.addEventListener("abort", cut, { once: true });
    // nats.js leaves a drain unsettled for ever when the connection is closed meanwhile.
    await Promise.race([connection.drain().catch(() => connection.close()), connection.closed()]);
    limit.removeEventListener("abort", cut);
  };
  return {
    connected: state.connected,
    closed: connection.closed().then((error) => error ?? undefined),
    request: (subject, body, requestOptions) => request(session, subject, body, requestOptions),
    enqueue: (subject, body, enqueueOptions) => enqueue(session, subject, body, enqueueOptions),
    workQueue: (queueOptions) => startWorkQueue(session, queueOptions),
    serve: (serveOptions) => serve(session, serveOptions),
    announce: (announceOptions) => announce(session, announceOptions),
    publishEvent: (subject, body, headers) => publishEvent(session, subject, body, headers),
    events: (subject, eventOptions) => subscribeEvents(session, subject, eventOptions),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Without nats.js' own waiting for the first connection, which nothing can stop. */
async function firstConnection(options: ConnectMessagingOptions): Promise<NatsConnection> {
  const { connectTimeoutMs = 60_000, signal, logger } = options;
  const late = systemClock.monotonic() + connectTimeoutMs;
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted();
    try {
      const left = late - systemClock.monotonic();
      return await connect(natsOptions(options, Math.max(100, Math.min(DIAL_TIMEOUT_MS, left))));
    } catch (error) {
      const refused = refusal(error);
      if (refused !== undefined) throw refused;
      const pauseMs = 100 + backoffMs(attempt, { baseMs: 100, maxMs: 1000 });
      if (systemClock.monotonic() + pauseMs >= late) {
        throw new ApiError("UNAVAILABLE", `no NATS server answers: ${options.servers.join(", ")}`, { cause: error });
      }
      logger.warn({ err: error, servers: options.servers }, "cannot connect to NATS yet");
      await systemClock.sleep(pauseMs, signal);
    }
  }
}

function refusal(error: unknown): CarrelError | undefined {
  if (error instanceof AuthorizationError || (error instanceof Error && error.cause instanceof AuthorizationError)) {
    return new ApiError("UNAUTHENTICATED", "NATS refuses the credentials", { cause: error });
  }
  if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "EACCES")) {
    return new ApiError("UNAUTHENTICATED", `cannot read the credentials: ${error.message}`, { cause: error });
  }
  return undefined;
}

function natsOptions(options: ConnectMessagingOptions, timeoutMs: number): NodeConnectionOptions {
  const { credentials, tls } = options;
  return {
    servers: [...options.servers],
    name: options.name,
    timeout: timeoutMs,
    // The default gives up for good after 20 s.
    maxReconnectAttempts: -1,
    reconnectDelayHandler: () => 250 + Math.random() * 750,
    // The default notices a dead server after four minutes.
    pingInterval: 10_000,
    maxPingOut: 2,
    noAsyncTraces: true,
    ...(options.inboxPrefix === undefined ? {} : { inboxPrefix: options.inboxPrefix }),
    ...(credentials === undefined ? {} : { authenticator: authenticatorOf(credentials) }),
    ...(tls === undefined ? {} : { tls: { ...tls } }),
  };
}
