import { isSettled, type ObjectProgress } from "./object-progress.ts";

/** What scheduling looks at of a planned object. */
export interface Schedulable {
  readonly name: string;
  /** Objects that must be ready, or left out, before this one is created. */
  readonly after: readonly string[];
}

/** What can be done now for the objects of a template. */
export interface Steps<T> {
  /** To create now. */
  readonly create: readonly T[];
  /** Created and not ready yet, and due to be looked at. */
  readonly look: readonly T[];
  /** When the next one is due, in milliseconds since the epoch; absent when none is, or something can be done now. */
  readonly wakeAtMs?: number;
  /** All are ready or left out. */
  readonly done: boolean;
}

/**
 * Decides which of `objects` can be created and which are due for a look. All that wait for nothing go at once; after a
 * failure nothing more is created. Pure.
 */
export function planSteps<T extends Schedulable>(
  objects: readonly T[],
  progress: ReadonlyMap<string, ObjectProgress>,
  nowMs: number,
): Steps<T> {
  const states = [...progress.values()].map(({ status }) => status.state);
  if (states.includes("Failed")) return { create: [], look: [], done: false };
  const create: T[] = [];
  const look: T[] = [];
  let wakeAtMs = Infinity;
  for (const object of objects) {
    const own = progress.get(object.name);
    if (own !== undefined && isSettled(own)) continue;
    const created = own?.status.uid !== undefined;
    if (!created && !object.after.every((name) => isReadyOrSkipped(progress.get(name)))) continue;
    if ((own?.nextAtMs ?? 0) > nowMs) wakeAtMs = Math.min(wakeAtMs, own?.nextAtMs ?? 0);
    else (created ? look : create).push(object);
  }
  const idle = create.length === 0 && look.length === 0;
  return {
    create,
    look,
    ...(idle && wakeAtMs < Infinity ? { wakeAtMs } : {}),
    done: objects.every(({ name }) => isReadyOrSkipped(progress.get(name))),
  };
}

function isReadyOrSkipped(progress: ObjectProgress | undefined): boolean {
  return progress?.status.state === "Ready" || progress?.status.state === "Skipped";
}
