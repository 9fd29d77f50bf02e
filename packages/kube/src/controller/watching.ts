import type { KubeObject } from "../client/resource.ts";
import type { Informer } from "../reflector/informer.ts";
import type { Priority } from "../workqueue/priority.ts";

/** Which objects wake a controller, and for which keys. Made by {@link watching}. */
export interface Watch {
  /** Resolves when the cache is complete. */
  waitForSync(signal: AbortSignal): Promise<void>;
  /** Calls `enqueue` for every change from now on, and for every object that is there. */
  attach(enqueue: (key: string, priority: Priority) => void): Disposable;
  /** The keys of all objects in the cache. */
  keys(): Iterable<string>;
}

export interface WatchingOptions<T> {
  /** Updates for which this is false wake nobody. Default: every change of resourceVersion does. */
  readonly when?: (old: T, current: T) => boolean;
  /** Default: `high` for what is being or was deleted, `low` for what came with a list, else `normal`. */
  readonly priority?: (object: T, fromList: boolean) => Priority;
}

/**
 * A watch: each change of an object in `informer` wakes the keys that `toKeys` gives for it. On an update these are the
 * keys of the old and of the new state, so that whoever lost the object hears of it too. An empty key wakes nobody.
 */
export function watching<T extends KubeObject>(
  informer: Informer<T>,
  toKeys: (object: T) => readonly string[],
  options: WatchingOptions<T> = {},
): Watch {
  const { when, priority = defaultPriority } = options;
  return {
    waitForSync: (signal) => informer.waitForSync(signal),
    *keys() {
      for (const object of informer.store.list()) yield* toKeys(object).filter((key) => key !== "");
    },
    attach(enqueue) {
      const wake = (object: T, urgency: Priority): void => {
        for (const key of toKeys(object)) if (key !== "") enqueue(key, urgency);
      };
      return informer.addHandler({
        onAdd: (object, fromList) => wake(object, priority(object, fromList)),
        onUpdate: (old, current, fromList) => {
          if (when !== undefined && !when(old, current)) return;
          const urgency = priority(current, fromList);
          wake(current, urgency);
          wake(old, urgency);
        },
        onDelete: (object) => wake(object, "high"),
      });
    },
  };
}

function defaultPriority(object: KubeObject, fromList: boolean): Priority {
  if (object.metadata.deletionTimestamp !== undefined) return "high";
  return fromList ? "low" : "normal";
}
