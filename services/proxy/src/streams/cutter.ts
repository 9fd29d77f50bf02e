import type { CloseCause } from "@carrel/api";
import type { Clock } from "@carrel/std";
import { isOver, type Route } from "../routing/route.ts";
import type { RouteSource } from "../routing/route-source.ts";
import { ExpiryTimer } from "./expiry-timer.ts";
import type { Stream } from "./stream.ts";
import type { StreamIndex } from "./stream-index.ts";
import { streamVerdict } from "./stream-verdict.ts";

export interface CutterOptions {
  readonly index: StreamIndex;
  readonly routes: RouteSource;
  readonly isKeyCurrent: (keyId: string) => boolean;
  readonly clock: Clock;
  /** Told of each stream that is cut. */
  readonly onCut?: (cause: CloseCause) => void;
}

/**
 * Cuts streams whose right has gone, in the tick of the event: a change of the route, the end of the session's time,
 * withdrawn keys.
 */
export class Cutter implements Disposable {
  readonly #options: CutterOptions;
  readonly #expiry: ExpiryTimer;
  readonly #unsubscribe: () => void;

  constructor(options: CutterOptions) {
    this.#options = options;
    this.#expiry = new ExpiryTimer({
      clock: options.clock,
      onDue: (session) => this.#judge(session, options.routes.lookUp(session)),
    });
    this.#unsubscribe = options.routes.subscribe((session, route) => this.#judge(session, route));
  }

  /** Takes a stream in: it will be cut when its right goes. Called in the tick of the decision that opened it. */
  watch(stream: Stream, route: Route): void {
    this.#options.index.add(stream);
    this.#expiry.set(stream.session, route.expiresAtMs);
  }

  /** The keys have changed: whatever was opened with a withdrawn one goes. */
  keysChanged(): void {
    for (const session of this.#options.index.sessions) {
      this.#judge(session, this.#options.routes.lookUp(session));
    }
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
    this.#expiry[Symbol.dispose]();
  }

  #judge(session: string, route: Route | undefined): void {
    const { index, clock, isKeyCurrent, onCut } = this.#options;
    if (!index.has(session)) return;
    const input = { route, nowMs: clock.now(), isKeyCurrent };
    index.cut(session, (stream) => {
      const cut = streamVerdict(stream, input);
      if (cut !== undefined) onCut?.(cut.cause);
      return cut;
    });
    // Once it is over, what is left in the index is closing already: to set the timer again would find it due at once.
    if (route !== undefined && !isOver(route, input.nowMs) && index.has(session)) {
      this.#expiry.set(session, route.expiresAtMs);
    }
  }
}
