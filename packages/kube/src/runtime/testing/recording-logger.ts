import type { Logger } from "../logger.ts";

/** One line that was logged, with the bindings of its logger. */
export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A logger that keeps what it is told. */
export interface RecordingLogger extends Logger {
  readonly lines: readonly LogLine[];
  /** Values of a field over the lines with this message. */
  values(message: string, field: string): readonly unknown[];
}

export function recordingLogger(): RecordingLogger {
  const lines: LogLine[] = [];
  const values: RecordingLogger["values"] = (message, field) =>
    lines.filter((line) => line.message === message).map((line) => line.fields[field]);
  return { ...bound(lines, {}), lines, values };
}

function bound(lines: LogLine[], bindings: object): Logger {
  const record =
    (level: LogLine["level"]) =>
    (fields: object, message: string): void => {
      lines.push({ level, message, fields: { ...bindings, ...fields } });
    };
  return {
    debug: record("debug"),
    info: record("info"),
    warn: record("warn"),
    error: record("error"),
    child: (more) => bound(lines, { ...bindings, ...more }),
  };
}
