/** A line of a service's log, taken apart for a person. */
export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error" | "text";
  /** Time, message and fields on one line; for what is no JSON the line itself. */
  readonly text: string;
}

/** Fields that a person at a terminal knows already. */
const HIDDEN = new Set(["level", "time", "msg", "service", "pid", "hostname", "err", "version"]);

/** Reads a line of a service's JSON log (one object a line, ISO time, level by name). Pure; never throws. */
export function formatLogLine(line: string): LogLine {
  const entry = parse(line);
  if (entry === undefined) return { level: "text", text: line };
  const { level, time, msg, err } = entry;
  const fields = Object.entries(entry)
    .filter(([key]) => !HIDDEN.has(key))
    .map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const text = [clockTime(time), typeof msg === "string" ? msg : "", ...fields, errorText(err)]
    .filter((part) => part !== "")
    .join("  ");
  return { level: levelOf(level), text };
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function clockTime(time: unknown): string {
  const instant = new Date(typeof time === "string" || typeof time === "number" ? time : Number.NaN);
  return Number.isNaN(instant.getTime()) ? "" : instant.toISOString().slice(11, 23);
}

function levelOf(level: unknown): LogLine["level"] {
  switch (level) {
    case "trace":
    case "debug":
      return "debug";
    case "warn":
      return "warn";
    case "error":
    case "fatal":
      return "error";
    default:
      return "info";
  }
}

/** Errors keep their stack, on lines of its own: that is what one looks for when developing. */
function errorText(err: unknown): string {
  if (typeof err !== "object" || err === null) return "";
  const { stack, message, code } = err as { stack?: unknown; message?: unknown; code?: unknown };
  const text = typeof stack === "string" ? stack : typeof message === "string" ? message : JSON.stringify(err);
  return `${typeof code === "string" ? `[${code}] ` : ""}${text}`;
}
