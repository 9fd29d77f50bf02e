import type { Span } from "../audit/milestones.ts";

/** Something that was timed: how long it took, and when, by the clock of the audit log. */
export interface Timed extends Span {
  readonly ms: number;
}

/** Times a step; its error is the step's. */
export async function timed<T>(step: () => Promise<T>): Promise<Timed & { readonly result: T }> {
  const startMs = Date.now();
  const start = performance.now();
  const result = await step();
  const ms = performance.now() - start;
  return { ms, startMs, endMs: startMs + ms, result };
}
