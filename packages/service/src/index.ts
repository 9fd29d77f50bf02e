/**
 * @carrel/service: the shell of a Carrel process. Configuration, logs, metrics, probes, signals and exit codes: the one
 * place with `process.env`, `process.exit`, pino and the OpenTelemetry SDK. Knows neither Kubernetes nor NATS.
 *
 * @module
 */
export * from "./config-fields.ts";
export * from "./config-error.ts";
export * from "./load-config.ts";
export * from "./logger.ts";
export * from "./pino-logger.ts";
export * from "./probes.ts";
export * from "./process-config.ts";
export { EXIT_CODES } from "./process-control.ts";
export * from "./readiness.ts";
export * from "./redact.ts";
export * from "./run-service.ts";
export * from "./telemetry.ts";
