/** What messaging needs of a logger. Messages are constant texts; what varies is a field. */
export interface LogSink {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void;
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** A logger that writes nothing. */
export const silentLog: LogSink = { debug: nothing, info: nothing, warn: nothing, error: nothing };

function nothing(): void {}
