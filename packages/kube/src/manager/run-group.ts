import { CarrelError } from "@carrel/std";
import { until } from "../runtime/until.ts";
import type { Runnable } from "./runnable.ts";

/** Runnables that start and stop together. */
export class RunGroup {
  readonly #stop = new AbortController();
  readonly #running = new Map<string, Promise<void>>();
  readonly #onFailure: (error: unknown) => void;

  /** `onFailure`: one of them ended before it was told to. */
  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  /** Names of those that have not ended. */
  get running(): readonly string[] {
    return [...this.#running.keys()];
  }

  start(runnable: Runnable): void {
    const { name } = runnable;
    const signal = this.#stop.signal;
    const ended = (error: unknown): void => {
      this.#running.delete(name);
      if (!signal.aborted) this.#onFailure(error ?? new CarrelError("INTERNAL", `${name} ended by itself`));
    };
    const running = Promise.resolve()
      .then(() => runnable.run(signal))
      .then(() => ended(undefined), ended);
    this.#running.set(name, running);
  }

  /** Tells all to stop, at once. */
  abort(reason: unknown): void {
    this.#stop.abort(reason);
  }

  /** Resolves when all have ended; rejects with the reason of `deadline`. */
  async ended(deadline: AbortSignal): Promise<void> {
    await until(Promise.all(this.#running.values()), deadline);
  }
}
