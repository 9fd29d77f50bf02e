import { ApiError } from "@carrel/api";
import { CarrelError } from "@carrel/std";

/**
 * The exit code for an error: 2 typed wrong, 3 refused by Carrel (no retry helps), 4 not now (the same may work later),
 * 130 interrupted as by Ctrl-C, else 1.
 */
export function exitCodeOf(error: unknown): number {
  if (error instanceof ApiError) return error.retryable ? 4 : 3;
  if (!(error instanceof CarrelError)) return 1;
  if (error.code === "USAGE") return 2;
  return error.code === "INTERRUPTED" ? 130 : 1;
}
