import type { Change } from "./change.ts";
import type { EventHandler } from "./event-handler.ts";

/** The handlers of an informer. What one of them throws goes to `onError` and no further. */
export class HandlerSet<T> {
  readonly #handlers = new Set<EventHandler<T>>();
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  add(handler: EventHandler<T>): Disposable {
    // A wrapper, so that the same handler added twice is two registrations.
    const registration: EventHandler<T> = {
      onAdd: (object, fromList) => handler.onAdd?.(object, fromList),
      onUpdate: (old, current, fromList) => handler.onUpdate?.(old, current, fromList),
      onDelete: (object, fromList) => handler.onDelete?.(object, fromList),
    };
    this.#handlers.add(registration);
    return { [Symbol.dispose]: () => this.#handlers.delete(registration) };
  }

  tellAll(change: Change<T>, fromList: boolean): void {
    for (const handler of this.#handlers) this.tell(handler, change, fromList);
  }

  tell(handler: EventHandler<T>, change: Change<T>, fromList: boolean): void {
    try {
      const result: unknown = call(handler, change, fromList);
      // The type forbids async handlers, TypeScript lets one pass for void: its rejection must not end the process.
      if (result instanceof Promise) result.catch(this.#onError);
    } catch (error) {
      this.#onError(error);
    }
  }
}

function call<T>(handler: EventHandler<T>, change: Change<T>, fromList: boolean): unknown {
  switch (change.type) {
    case "added":
      return handler.onAdd?.(change.object, fromList);
    case "updated":
      return handler.onUpdate?.(change.old, change.object, fromList);
    case "deleted":
      return handler.onDelete?.(change.object, fromList);
  }
}
