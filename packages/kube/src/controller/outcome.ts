import { CarrelError, hasCode } from "@carrel/std";
import { isConflict } from "../client/status-predicates.ts";
import { TerminalError } from "./terminal-error.ts";

/** How a reconcile can end; the values of a metric's label. */
export const OUTCOMES = [
  "success",
  "requeue_after",
  "conflict",
  "unreachable",
  "error",
  "terminal",
  "timeout",
  "panic",
  "aborted",
] as const;

/** How a reconcile ended. */
export type OutcomeName = (typeof OUTCOMES)[number];

/**
 * Names the error of a reconcile. Unreachable: no connection could be made, for no key. A conflict is everyday
 * business: somebody else wrote first, look again. A panic is a bug: an error that JavaScript itself raised, not one
 * that our code raises on purpose.
 */
export function failureOf(error: unknown): OutcomeName {
  if (error instanceof TerminalError) return "terminal";
  if (hasCode(error, "KUBE_UNREACHABLE")) return "unreachable";
  if (error instanceof CarrelError) return isConflict(error) ? "conflict" : "error";
  const bug =
    error instanceof TypeError ||
    error instanceof ReferenceError ||
    error instanceof RangeError ||
    error instanceof SyntaxError;
  return bug || !(error instanceof Error) ? "panic" : "error";
}
