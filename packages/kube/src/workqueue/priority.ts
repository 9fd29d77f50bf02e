/** Which key goes first: `high` for deletions and what a human waits for, `low` for resyncs. */
export type Priority = "high" | "normal" | "low";

/** From first to last. */
export const PRIORITIES: readonly Priority[] = ["high", "normal", "low"];

const RANK: Readonly<Record<Priority, number>> = { high: 0, normal: 1, low: 2 };

/** The more urgent of two priorities. */
export function moreUrgent(a: Priority, b: Priority): Priority {
  return RANK[a] <= RANK[b] ? a : b;
}
