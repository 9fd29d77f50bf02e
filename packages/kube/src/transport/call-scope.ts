import type { Clock } from "@carrel/std";

/** The abort reason of a {@link CallScope} whose time is up. */
export class DeadlineReached extends Error {
  override readonly name: string = "DeadlineReached";
  readonly afterMs: number;

  constructor(afterMs: number) {
    super(`no answer within ${afterMs} ms`);
    this.afterMs = afterMs;
  }
}

/**
 * The life of one call: its signal aborts when the caller's does (with that reason) or when the time is up (with a
 * {@link DeadlineReached}). Disposing takes the timer and the listener away at once, which `AbortSignal.any` and
 * `AbortSignal.timeout` would keep until the deadline: thousands of them at a thousand calls per second.
 */
export class CallScope implements Disposable {
  readonly #clock: Clock;
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal | undefined;
  #timer = new AbortController();
  #endsAt = 0;

  constructor(clock: Clock, timeoutMs: number, caller: AbortSignal | undefined) {
    this.#clock = clock;
    this.#caller = caller;
    if (caller?.aborted === true) this.#controller.abort(caller.reason);
    else caller?.addEventListener("abort", this.#onAbort, { once: true });
    this.#arm(timeoutMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Milliseconds until the deadline; negative when it has passed. */
  leftMs(): number {
    return this.#endsAt - this.#clock.monotonic();
  }

  /** Moves the deadline to `timeoutMs` from now. */
  extend(timeoutMs: number): void {
    this.#timer.abort();
    this.#timer = new AbortController();
    this.#arm(timeoutMs);
  }

  [Symbol.dispose](): void {
    this.#timer.abort();
    this.#caller?.removeEventListener("abort", this.#onAbort);
  }

  #arm(timeoutMs: number): void {
    this.#endsAt = this.#clock.monotonic() + timeoutMs;
    this.#clock.sleep(timeoutMs, this.#timer.signal).then(
      () => this.#controller.abort(new DeadlineReached(timeoutMs)),
      () => undefined,
    );
  }

  readonly #onAbort = (): void => this.#controller.abort(this.#caller?.reason);
}
