/**
 * An AbortController that also aborts with its parents, and lets go of them when disposed.
 *
 * `AbortSignal.any` keeps a child registered with its parents until it is collected; a process-long parent with a
 * child per reconcile makes that a leak in all but name.
 */
export class LinkedSignal implements Disposable {
  readonly #controller = new AbortController();
  readonly #parents: readonly AbortSignal[];
  readonly #onAbort: (this: AbortSignal) => void;

  constructor(...parents: readonly AbortSignal[]) {
    this.#parents = parents;
    const controller = this.#controller;
    this.#onAbort = function () {
      controller.abort(this.reason);
    };
    for (const parent of parents) {
      if (parent.aborted) controller.abort(parent.reason);
      else parent.addEventListener("abort", this.#onAbort, { once: true });
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  [Symbol.dispose](): void {
    for (const parent of this.#parents) parent.removeEventListener("abort", this.#onAbort);
  }
}
