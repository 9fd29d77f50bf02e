import { setMaxListeners } from "node:events";
import { systemClock } from "@carrel/std";
import type { NatsConnection, Status } from "@nats-io/transport-node";
import type { LogSink } from "./log-sink.ts";

/** What is known of a connection from its status events. */
export interface ConnectionState {
  /** False between a disconnect and the reconnect, and once closed. */
  readonly connected: () => boolean;
  /** Aborts when the connection that is there now breaks; already aborted while there is none. */
  readonly connectionLost: () => AbortSignal;
  /** Calls back after each reconnect; returns what stops that. */
  readonly onReconnect: (listener: () => void) => () => void;
}

/** Longest pause before a connection leaves a server that shuts down; it spreads the clients' moves. */
const MOVE_JITTER_MS = 2000;

/** Follows a connection for its whole life: one loop, ends when the connection is closed. */
export function followConnection(connection: NatsConnection, logger: LogSink): ConnectionState {
  const listeners = new Set<() => void>();
  let lost = openEra();
  const isConnected = (): boolean => !lost.signal.aborted && !connection.isClosed();

  const onStatus = (status: Status): void => {
    switch (status.type) {
      case "disconnect":
        lost.abort();
        logger.warn({ server: status.server }, "lost the connection to NATS");
        break;
      case "reconnect":
        if (lost.signal.aborted) lost = openEra();
        logger.info({ server: status.server }, "connected to NATS again");
        for (const listener of listeners) listener();
        break;
      case "ldm":
        logger.info({ server: status.server }, "the NATS server shuts down");
        void leave(connection);
        break;
      case "error":
        logger.warn({ err: status.error }, "the NATS server complains");
        break;
      case "staleConnection":
        logger.warn({}, "the NATS server does not answer pings");
        break;
      case "close":
        lost.abort();
        break;
      default:
    }
  };
  void (async () => {
    for await (const status of connection.status()) onStatus(status);
  })();
  void connection.closed().then(() => lost.abort());

  return {
    connected: isConnected,
    connectionLost: () => lost.signal,
    onReconnect: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function openEra(): AbortController {
  const era = new AbortController();
  setMaxListeners(0, era.signal);
  return era;
}

/** Moves to another server of the cluster before this one cuts the connection, if there is another. */
async function leave(connection: NatsConnection): Promise<void> {
  if (connection.getServers().length < 2) return;
  await systemClock.sleep(Math.random() * MOVE_JITTER_MS);
  if (!connection.isClosed() && !connection.isDraining()) await connection.reconnect();
}
