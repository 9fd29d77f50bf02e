import { trace } from "@opentelemetry/api";
import { pino, type DestinationStream, type Logger as PinoInstance } from "pino";
import type { LogFields, Logger, LogLevel } from "./logger.ts";
import { redacted, redactText } from "./redact.ts";

/** How to make the logger of a process. */
export interface LoggerOptions {
  /** Value of the field `service` on each line. */
  readonly service: string;
  readonly level: LogLevel;
  /** Default: standard output, written synchronously, so that nothing is lost when the process ends. */
  readonly destination?: DestinationStream;
}

/**
 * A logger that writes one JSON object per line: `level` (a word), `time` (RFC 3339), `service`, `traceId` when a span
 * is active, the fields, `msg`. Secrets are removed (see `redacted`). An unwritable destination loses lines, never
 * the process.
 */
export function createLogger({ service, level, destination = standardOutput() }: LoggerOptions): Logger {
  return adapt(
    pino(
      {
        level,
        base: { service },
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: {
          level: (label) => ({ level: label }),
          log: (fields) => redacted(fields) as Record<string, unknown>,
        },
        // pino would serialise `err` itself, with all properties, before the formatter sees it.
        serializers: { err: (error: unknown) => error },
        mixin: activeTrace,
      },
      destination,
    ),
  );
}

function adapt(inner: PinoInstance): Logger {
  return {
    debug: (fields, message) => inner.debug(fields, redactText(message)),
    info: (fields, message) => inner.info(fields, redactText(message)),
    warn: (fields, message) => inner.warn(fields, redactText(message)),
    error: (fields, message) => inner.error(fields, redactText(message)),
    child: (fields) => adapt(inner.child(redacted(fields) as LogFields)),
  };
}

function activeTrace(): { traceId?: string } {
  const traceId = trace.getActiveSpan()?.spanContext().traceId;
  return traceId === undefined ? {} : { traceId };
}

function standardOutput(): DestinationStream {
  const stream = pino.destination({ fd: 1, sync: true });
  // A full disk or a closed pipe must not end the service.
  stream.on("error", () => {});
  return stream;
}
