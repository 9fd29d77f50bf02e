import type { NatsServer } from "@carrel/testkit";
import { connectMessaging, type ConnectMessagingOptions } from "../connect-messaging.ts";
import { silentLog, type LogSink } from "../log-sink.ts";
import type { Messaging } from "../messaging.ts";

/** One line of a {@link recordingLog}. */
export interface LogLine {
  readonly level: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A log that tests can read. */
export function recordingLog(): LogSink & { readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  const write =
    (level: string) =>
    (fields: Readonly<Record<string, unknown>>, message: string): void =>
      void lines.push({ level, fields, message });
  return { lines, debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

/** Connects as a user of the test server. */
export function connectedAs(
  server: NatsServer,
  user: string,
  options: Partial<ConnectMessagingOptions> = {},
): Promise<Messaging> {
  const { pass, inboxPrefix } = server.credentials(user);
  return connectMessaging({
    servers: [server.url],
    credentials: { user, password: pass },
    name: `test ${user}`,
    inboxPrefix,
    logger: silentLog,
    ...options,
  });
}
