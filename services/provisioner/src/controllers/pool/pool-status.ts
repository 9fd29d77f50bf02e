import type { SessionTemplate, SessionTemplateStatus } from "@carrel/api";
import { setCondition } from "@carrel/kube";

/** What a look at a pool found. */
export interface PoolState {
  readonly wanted: number;
  readonly ready: number;
  readonly starting: number;
  readonly pause?: { readonly failures: number; readonly cause: string } | undefined;
}

/** The status of a template as its pool stands, or `undefined` when it says so already. Pure. */
export function planPoolStatus(
  template: SessionTemplate,
  state: PoolState,
  nowMs: number,
): SessionTemplateStatus | undefined {
  const current = template.status ?? {};
  const { wanted, ready, starting } = state;
  const before = current.pool;
  const generation = template.metadata.generation ?? 0;
  const conditions = setCondition(
    current.conditions ?? [],
    { type: "PoolHealthy", ...healthOf(template, state), observedGeneration: generation },
    { now: () => nowMs },
  );
  const same = before?.wanted === wanted && before.ready === ready && before.starting === starting;
  if (same && conditions === current.conditions) return undefined;
  return { ...current, observedGeneration: generation, conditions, pool: { wanted, ready, starting } };
}

function healthOf(
  { spec }: SessionTemplate,
  { ready, pause, wanted }: PoolState,
): { status: "True" | "False"; reason: string; message: string } {
  if (pause !== undefined) {
    const message = `${pause.failures} spares failed in a row; one is tried from time to time. The last: ${pause.cause}`;
    return { status: "False", reason: "PoolPaused", message: message.slice(0, 1024) };
  }
  const least = Math.min(spec.pool?.minReady ?? 0, wanted);
  if (ready < least)
    return { status: "False", reason: "BelowMinReady", message: `fewer than ${least} spares stand ready` };
  return { status: "True", reason: "Healthy", message: "spares stand ready as the template asks" };
}
