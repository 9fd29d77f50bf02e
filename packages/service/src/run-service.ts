import { CarrelError } from "@carrel/std";
import type { z } from "zod";
import { ConfigError } from "./config-error.ts";
import { loadConfig } from "./load-config.ts";
import type { Logger } from "./logger.ts";
import { createLogger } from "./pino-logger.ts";
import { startProbes } from "./probes.ts";
import { withProcessConfig, type ProcessConfig } from "./process-config.ts";
import { controlProcess, EXIT_CODES } from "./process-control.ts";
import { createReadiness, type NamedCheck } from "./readiness.ts";
import { redacted } from "./redact.ts";
import { setupTelemetry } from "./telemetry.ts";

/** The probes as `main` sees them. */
export interface ServiceProbes {
  /** The port that was taken. */
  readonly port: number;
  /** Ready only while this holds, or has no problems. */
  readonly addReady: (name: string, isReady: NamedCheck) => void;
  /** What the service can do without: `/readyz` tells the problem, and stays ready. */
  readonly addDegraded: (name: string, problem: () => string | undefined) => void;
  /** Alive only while this holds, or has no problems: use it only for what a restart cures. */
  readonly addLive: (name: string, isAlive: NamedCheck) => void;
  /** Everything is set up: readiness now depends on the checks alone. */
  readonly started: () => void;
}

/** What `main` is given. */
export interface ServiceContext<Config> {
  readonly config: Config & ProcessConfig;
  readonly logger: Logger;
  /** Aborts when the process must stop. */
  readonly signal: AbortSignal;
  /** Resolves when the process must stop; never rejects. */
  readonly stopped: Promise<void>;
  readonly probes: ServiceProbes;
  /** Stops the process in good order and lets it exit with 1, e.g. when a connection is closed for good. */
  readonly fail: (error: unknown) => void;
}

/** A service. */
export interface ServiceOptions<Schema extends z.ZodObject> {
  readonly name: string;
  /** Default: 0.0.0. */
  readonly version?: string;
  /** The service's own keys; those of `processConfigSchema` are added. */
  readonly schema: Schema;
  /**
   * Starts everything, calls `probes.started()`, waits for `stopped`, then stops everything and returns. Throwing, or
   * returning before it was asked to stop, is a failure.
   */
  readonly main: (context: ServiceContext<z.output<Schema>>) => Promise<void>;
}

/**
 * Runs a service and ends the process with an exit code: 0 after SIGTERM or SIGINT and a clean stop, 2 for a bad
 * configuration (every bad key on standard error), 1 for everything else: `main` failed, an exception or rejection
 * that nobody handled, a second signal, or a stop that took longer than `shutdownTimeoutMs`.
 *
 * On a signal readiness fails first; `drainDelayMs` later `signal` aborts. Probes and metrics answer until `main` has
 * returned.
 */
export async function runService<Schema extends z.ZodObject>(options: ServiceOptions<Schema>): Promise<never> {
  const { name, version = "0.0.0" } = options;
  const config = configOrExit(name, options.schema);
  const logger = createLogger({ service: name, level: config.logLevel });
  const readiness = createReadiness();
  const liveness = createReadiness();
  liveness.started();
  const { drainDelayMs, shutdownTimeoutMs } = config;
  const control = controlProcess({ logger, onStopping: readiness.stopping, drainDelayMs, shutdownTimeoutMs });
  const { signal } = control;
  const stopped = new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });

  try {
    await using telemetry = setupTelemetry({ service: name, version });
    await using server = await startProbes({
      port: config.probesPort,
      ...(config.probesHost === undefined ? {} : { host: config.probesHost }),
      ready: readiness.check,
      degraded: readiness.degraded,
      live: liveness.check,
      metrics: telemetry.render,
    });
    const { port } = server;
    logger.info({ version, node: process.version, probesPort: port, config: redacted(config) }, "starting");
    await options.main({
      config,
      logger,
      signal,
      stopped,
      probes: {
        port,
        addReady: readiness.add,
        addDegraded: readiness.addDegraded,
        addLive: liveness.add,
        started: readiness.started,
      },
      fail: (error) => control.fail(error, "the service failed; stopping"),
    });
    if (!signal.aborted) throw new CarrelError("MAIN_RETURNED", "main returned without being asked to stop");
  } catch (error) {
    if (!isStop(error, signal)) control.fail(error, "the service failed");
  }
  logger.info({ exitCode: control.exitCode() }, "stopped");
  process.exit(control.exitCode());
}

function configOrExit<Schema extends z.ZodObject>(name: string, schema: Schema): z.output<Schema> & ProcessConfig {
  try {
    return loadConfig(withProcessConfig(schema)) as z.output<Schema> & ProcessConfig;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`carrel ${name}: ${error.message}\n`);
    process.exit(EXIT_CODES.badConfig);
  }
}

/** What waits on the signal rejects when it aborts: that is a stop, not a failure. */
function isStop(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  return (
    error === signal.reason ||
    (error instanceof Error && (error.name === "AbortError" || error.cause === signal.reason))
  );
}
