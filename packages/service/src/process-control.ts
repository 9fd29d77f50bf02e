import { setMaxListeners } from "node:events";
import { CarrelError, deadlineSignal, systemClock } from "@carrel/std";
import type { Logger } from "./logger.ts";

/** Exit codes of every Carrel process. */
export const EXIT_CODES = { stopped: 0, failed: 1, badConfig: 2 } as const;

/** How a process stops. */
export interface ProcessControlOptions {
  readonly logger: Logger;
  /** Called at once when the process must stop, before anything else does. */
  readonly onStopping: () => void;
  /** From `onStopping` to the abort of `signal`, after SIGTERM or SIGINT. */
  readonly drainDelayMs: number;
  /** From the abort of `signal` to a forced exit. */
  readonly shutdownTimeoutMs: number;
}

/** Signals, crashes and the exit code of the process. */
export interface ProcessControl {
  /** Aborts when the process must stop. */
  readonly signal: AbortSignal;
  /** Stops in good order; the exit code will be 1. */
  readonly fail: (error: unknown, message: string) => void;
  /** What the process exits with when everything has stopped. */
  readonly exitCode: () => number;
}

/**
 * Takes over SIGTERM, SIGINT, unhandled rejections and uncaught exceptions of this process. A second signal, a crash or
 * a stop that takes too long ends the process at once with 1.
 */
export function controlProcess(options: ProcessControlOptions): ProcessControl {
  const { logger, onStopping, drainDelayMs, shutdownTimeoutMs } = options;
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  let exitCode: number = EXIT_CODES.stopped;
  let signals = 0;

  const requestStop = (reason: Error, delayMs: number): void => {
    onStopping();
    const giveUp = (): never => {
      logger.error({ shutdownTimeoutMs }, "did not stop in time; exiting");
      process.exit(EXIT_CODES.failed);
    };
    deadlineSignal(shutdownTimeoutMs + delayMs).addEventListener("abort", giveUp, { once: true });
    if (delayMs === 0) stop.abort(reason);
    else void systemClock.sleep(delayMs).then(() => stop.abort(reason));
  };
  const onSignal = (name: NodeJS.Signals): void => {
    signals += 1;
    logger.info({ signal: name }, signals === 1 ? "asked to stop" : "asked to stop again; exiting at once");
    if (signals > 1) process.exit(EXIT_CODES.failed);
    requestStop(new CarrelError("STOPPING", `the process was asked to stop by ${name}`), drainDelayMs);
  };
  const onCrash = (error: unknown, origin: string): void => {
    logger.error({ err: error, origin }, "nobody handled this error; exiting");
    process.exit(EXIT_CODES.failed);
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  process.on("uncaughtException", onCrash);
  process.on("unhandledRejection", (error) => onCrash(error, "unhandledRejection"));

  return {
    signal: stop.signal,
    fail: (error, message) => {
      exitCode = EXIT_CODES.failed;
      logger.error({ err: error }, message);
      requestStop(new CarrelError("STOPPING", "the process failed and stops", { cause: error }), 0);
    },
    exitCode: () => exitCode,
  };
}
