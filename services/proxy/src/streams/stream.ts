import type { Authentication } from "../auth/identity.ts";
import type { Cut } from "./cut.ts";

/** A request in flight, an event stream, or a WebSocket. */
export type StreamKind = "http" | "events" | "websocket";

/** What decides whether a stream may stay open. */
export interface StreamFacts {
  readonly session: string;
  readonly endpoint: string;
  /** Whom it was opened as; anonymous on public endpoints. */
  readonly authentication: Authentication;
  /** The pod that it leads to; absent for streams that the proxy serves itself. */
  readonly podUid?: string;
}

/** An open stream, as the index knows it. */
export interface Stream extends StreamFacts {
  readonly kind: StreamKind;
  /**
   * Ends it, in this very tick: what arrives from now on goes nowhere. The stream removes itself from the index when both
   * sides are closed.
   */
  cut(cut: Cut): void;
}
