import type { Refusal } from "./decision.ts";

const MAX_REFUSALS = 10;

/** A refusal as a learner reads it: `[rule] path: what was found; what is allowed`. */
export function wordRefusal({ rule, path, message }: Refusal): string {
  return `[${rule}] ${path}: ${message}`;
}

/** All refusals as one text, the first ten in full. */
export function wordRefusals(refusals: readonly Refusal[]): string {
  const shown = refusals.slice(0, MAX_REFUSALS).map(wordRefusal).join(". ");
  const more = refusals.length - MAX_REFUSALS;
  return more > 0 ? `${shown}. And ${more} more` : shown;
}
