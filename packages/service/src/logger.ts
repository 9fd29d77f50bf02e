/** From the most to the least talkative. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Fields of a log line. Use these keys where they fit, so that lines of all services can be searched alike: `session`,
 * `namespace`, `name`, `uid`, `tenant`, `controller`, `reconcileId`, `requestId`, `traceId`, `reason`, `err` (the error).
 */
export type LogFields = Readonly<Record<string, unknown>>;

/** Structured logs. Messages are constant texts; what varies is a field. Never throws. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** A logger that adds these fields to every line. */
  child(fields: LogFields): Logger;
}
