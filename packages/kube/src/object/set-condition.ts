import type { Condition } from "@carrel/api";
import type { Clock } from "@carrel/std";

/**
 * Conditions with `next` in place of the one of its type, or at the end. `lastTransitionTime` moves only when the
 * status does, as kstatus and `kubectl wait` expect. Gives the same array when nothing changed, so that
 * `result === conditions` means: no write needed. Pure but for the clock.
 */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  next: Omit<Condition, "lastTransitionTime">,
  clock: Pick<Clock, "now">,
): readonly Condition[] {
  const before = conditions ?? [];
  const index = before.findIndex((condition) => condition.type === next.type);
  const old = before[index];
  if (old !== undefined && sameCondition(old, next)) return before;
  const lastTransitionTime = old?.status === next.status ? old.lastTransitionTime : toSeconds(clock.now());
  const condition: Condition = { ...next, lastTransitionTime };
  return old === undefined ? [...before, condition] : before.with(index, condition);
}

/** The condition of a type, if there is one. */
export function findCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** True when the condition of a type exists and is True. */
export function isConditionTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === "True";
}

function sameCondition(old: Condition, next: Omit<Condition, "lastTransitionTime">): boolean {
  return (
    old.status === next.status &&
    old.reason === next.reason &&
    old.message === next.message &&
    old.observedGeneration === next.observedGeneration
  );
}

/** `metav1.Time` has whole seconds; more would come back cut. */
function toSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");
}
