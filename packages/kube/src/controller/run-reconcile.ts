import { type Attributes, type Span, SpanStatusCode, trace } from "@opentelemetry/api";
import { CarrelError, type Clock } from "@carrel/std";
import { alarm } from "../runtime/alarm.ts";
import { LinkedSignal } from "../runtime/linked-signal.ts";
import { failureOf, type OutcomeName } from "./outcome.ts";
import type { Reconcile, ReconcileContext, ReconcileResult } from "./reconcile.ts";

/** What one reconcile came to. */
export interface Outcome {
  readonly name: OutcomeName;
  readonly requeueAfterMs?: number;
  readonly error?: unknown;
}

export interface ReconcileRun {
  readonly controller: string;
  readonly key: string;
  readonly reconcile: Reconcile;
  readonly context: ReconcileContext;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Runs one reconcile under its deadline and in a span of its own. Never rejects; resolves when the reconcile is over. */
export function runReconcile(run: ReconcileRun): Promise<Outcome> {
  const attributes: Attributes = {
    "carrel.controller": run.controller,
    "carrel.key": run.key,
    "carrel.reconcile_id": run.context.reconcileId,
  };
  return trace
    .getTracer("@carrel/kube")
    .startActiveSpan(`reconcile ${run.controller}`, { attributes }, async (span) => {
      const outcome = await runWithin(run);
      describe(span, outcome);
      span.end();
      return outcome;
    });
}

async function runWithin(run: ReconcileRun): Promise<Outcome> {
  using link = new LinkedSignal(run.signal);
  let timedOut = false;
  using _ = alarm(run.clock, run.timeoutMs, () => {
    timedOut = true;
    link.abort(new CarrelError("TIMEOUT", `reconcile took longer than ${run.timeoutMs} ms`, { retryable: true }));
  });
  try {
    const result = await run.reconcile(run.key, link.signal, run.context);
    return outcomeOf(result ?? {});
  } catch (error) {
    if (timedOut) return { name: "timeout", error };
    if (run.signal.aborted) return { name: "aborted", error };
    return { name: failureOf(error), error };
  }
}

function outcomeOf({ requeueAfterMs }: ReconcileResult): Outcome {
  // NaN would be due at no time, or always.
  if (Number.isNaN(requeueAfterMs)) throw new RangeError("requeueAfterMs is not a number");
  return requeueAfterMs === undefined ? { name: "success" } : { name: "requeue_after", requeueAfterMs };
}

function describe(span: Span, { name, error }: Outcome): void {
  span.setAttribute("carrel.outcome", name);
  if (error === undefined || name === "aborted" || name === "conflict") return;
  span.setStatus({ code: SpanStatusCode.ERROR, message: name });
  if (error instanceof Error) span.recordException(error);
}
