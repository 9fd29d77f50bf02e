import type { Logger } from "@carrel/kube";

/** Writes a line of JSON for whatever is worth one in a test's log. */
export function jsonLogger(write: (line: string) => void, bindings: object = {}): Logger {
  const log = (level: string, fields: object, message: string): void => {
    const { err, ...rest } = fields as { readonly err?: unknown };
    const error = err instanceof Error ? { error: err.message } : {};
    write(JSON.stringify({ level, message, ...bindings, ...rest, ...error }));
  };
  return {
    debug: () => undefined,
    info: (fields, message) => log("info", fields, message),
    warn: (fields, message) => log("warn", fields, message),
    error: (fields, message) => log("error", fields, message),
    child: (more) => jsonLogger(write, { ...bindings, ...more }),
  };
}
