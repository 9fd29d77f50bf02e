import type { Logger } from "../runtime/logger.ts";

/** What a reconcile wants next; nothing: it is content until the next event. */
export interface ReconcileResult {
  /** Look at the key again after this long, whatever happens. */
  readonly requeueAfterMs?: number;
}

/** What surrounds one reconcile. */
export interface ReconcileContext {
  /** Unique per run; on every log line of `logger` and on the span. */
  readonly reconcileId: string;
  /** Carries controller, key and reconcileId. */
  readonly logger: Logger;
  /** Failures of this key in a row before this run. */
  readonly failures: number;
}

/**
 * Brings the world one step nearer to what the object called `key` wants. Level-triggered: it is not told what
 * happened, it may run at any time and any number of times, never twice at once for one key. A throw is retried with
 * back-off (a {@link TerminalError} is not). The signal aborts at the timeout and when the process stops.
 */
export type Reconcile = (
  key: string,
  signal: AbortSignal,
  context: ReconcileContext,
) => Promise<ReconcileResult | void> | ReconcileResult | void;
