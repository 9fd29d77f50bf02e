import type { ApiCall } from "./audit-event.ts";

const READS = new Set(["get", "list", "watch"]);

/** True for a call that changes something. */
export function isWrite({ verb }: ApiCall): boolean {
  return !READS.has(verb);
}

/**
 * Dependent stages of calls: a new one begins with a call that was received after every call of the current stage had
 * completed. Calls that overlap cannot depend on each other; of two that do not, the second is taken to need the first.
 * So it is an upper bound: a call that merely came late opens a stage too.
 */
export function stagesOf(calls: readonly ApiCall[]): ApiCall[][] {
  const stages: ApiCall[][] = [];
  let endMs = Number.NEGATIVE_INFINITY;
  for (const call of calls.toSorted((a, b) => a.receivedMs - b.receivedMs)) {
    if (call.receivedMs >= endMs) stages.push([]);
    stages.at(-1)?.push(call);
    endMs = Math.max(endMs, call.completedMs);
  }
  return stages;
}
