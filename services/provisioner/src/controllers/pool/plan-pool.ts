import { findCondition } from "@carrel/kube";
import { templateOf, type Workspace } from "@carrel/api";
import { parseDurationMs } from "@carrel/std";
import type { WorkspaceFact } from "../../placement/placement.ts";
import { isHopeless } from "../is-hopeless.ts";

/** A spare that nobody has, as its pool sees it. */
export interface SpareView {
  readonly name: string;
  readonly lane: string;
  readonly ready: boolean;
  readonly createdMs: number;
  /** Why it will never be ready. */
  readonly failure?: string;
}

export interface PoolInput {
  /** Template and generation of what is made now. */
  readonly lane: string;
  readonly wanted: number;
  readonly maxAgeMs: number;
  readonly spares: readonly SpareView[];
  /** After failures in a row one is tried at a time, when it is time; undefined: the pool is in order. */
  readonly trial?: { readonly atMs: number };
  readonly nowMs: number;
}

export interface PoolPlan {
  readonly create: number;
  readonly retire: readonly string[];
  readonly failed: readonly SpareView[];
  /** When to look again though nothing changes, in milliseconds from now. */
  readonly lookAfterMs?: number;
}

/** How much bigger than wanted a pool may be while it is renewed. */
const SURGE = 0.25;

/**
 * What a pool does next. Spares of an older template or too old are replaced, never so that fewer stand ready than are
 * wanted, and no more of them at once than the surge. Pure.
 */
export function planPool(input: PoolInput): PoolPlan {
  const { lane, wanted, maxAgeMs, nowMs, trial } = input;
  const failed = input.spares.filter(({ failure }) => failure !== undefined);
  const sound = input.spares.filter(({ failure }) => failure === undefined).sort((a, b) => a.createdMs - b.createdMs);
  const isFresh = (spare: SpareView): boolean => spare.lane === lane && nowMs - spare.createdMs < maxAgeMs;
  const fresh = sound.filter(isFresh);
  const stale = sound.filter((spare) => !isFresh(spare));
  const staleReady = stale.filter(({ ready }) => ready);
  const freshReady = fresh.filter(({ ready }) => ready);
  const starting = fresh.filter(({ ready }) => !ready);

  const keptStale = Math.min(staleReady.length, Math.max(0, wanted - freshReady.length));
  // Those on their way go first, the newest of them first: the least is lost with them.
  const surplus = [...starting.toReversed(), ...freshReady].slice(0, Math.max(0, fresh.length - wanted));
  const retire = [
    ...stale.filter(({ ready }) => !ready),
    ...staleReady.slice(0, staleReady.length - keptStale),
    ...surplus,
  ].map(({ name }) => name);

  const surge = keptStale === 0 ? 0 : Math.max(1, Math.floor(wanted * SURGE));
  const missing = Math.min(wanted - fresh.length, wanted + surge - fresh.length - keptStale);
  const inTrial = trial === undefined ? missing : Math.min(missing, starting.length > 0 || nowMs < trial.atMs ? 0 : 1);
  const looks = [
    ...fresh.map(({ createdMs }) => createdMs + maxAgeMs - nowMs),
    ...(trial !== undefined && missing > 0 && starting.length === 0 ? [trial.atMs - nowMs] : []),
  ].filter((ms) => ms > 0);
  return {
    create: Math.max(0, inTrial),
    retire,
    failed,
    ...(looks.length === 0 ? {} : { lookAfterMs: Math.min(...looks) }),
  };
}

/** A spare as its pool sees it; one that the cache does not show yet has just been made. Pure. */
export function viewSpare(fact: WorkspaceFact, workspace: Workspace | undefined, nowMs: number): SpareView {
  const { name, lane } = fact;
  if (workspace === undefined) return { name, lane, ready: false, createdMs: nowMs };
  const createdMs = Date.parse(workspace.metadata.creationTimestamp ?? "") || nowMs;
  const condition = findCondition(workspace.status?.conditions, "Ready");
  const cause = condition === undefined ? "" : `${condition.reason}: ${condition.message}`;
  const ready = fact.state === "ready";
  const view = { name, lane, ready, createdMs };
  if (ready) return view;
  if (condition !== undefined && isHopeless(condition.reason)) return { ...view, failure: cause };
  // One that was ready and is not any more has as long as one that starts.
  const sinceMs =
    condition !== undefined && workspace.status?.readyAt !== undefined
      ? Date.parse(condition.lastTransitionTime)
      : createdMs;
  const { startDeadline } = templateOf(workspace.spec).lifetime;
  if (nowMs - sinceMs >= parseDurationMs(startDeadline))
    return { ...view, failure: `not ready within ${startDeadline}${cause === "" ? "" : `: ${cause}`}` };
  return view;
}
