import type { NatsConnection } from "@nats-io/transport-node";
import type { ConnectionState } from "./connection-state.ts";
import type { LogSink } from "./log-sink.ts";

/** What the parts of a `Messaging` share. */
export interface MessagingSession {
  readonly connection: NatsConnection;
  readonly state: ConnectionState;
  readonly logger: LogSink;
  /** Of the connection's user. */
  readonly inboxPrefix: string;
}
