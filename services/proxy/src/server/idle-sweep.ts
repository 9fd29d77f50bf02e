import { CarrelError, type Clock } from "@carrel/std";
import type { StreamIndex } from "../streams/stream-index.ts";
import { HttpExchange } from "../upstream/http-exchange.ts";
import type { Limits } from "./limits.ts";

const SWEEP_EVERY_MS = 5000;

/** Ends requests that have gone silent: one look at all of them every few seconds instead of a timer for each. */
export class IdleSweep implements Disposable {
  readonly #stopped = new AbortController();

  constructor(streams: StreamIndex, limits: Limits, clock: Clock) {
    void this.#run(streams, limits, clock);
  }

  [Symbol.dispose](): void {
    this.#stopped.abort(new CarrelError("STOPPED", "the sweep has been stopped"));
  }

  async #run(streams: StreamIndex, limits: Limits, clock: Clock): Promise<void> {
    try {
      for (;;) {
        await clock.sleep(SWEEP_EVERY_MS, this.#stopped.signal);
        for (const stream of streams.all("http")) {
          if (stream instanceof HttpExchange) stream.endIfSilent(limits);
        }
      }
    } catch {
      // Stopped.
    }
  }
}
