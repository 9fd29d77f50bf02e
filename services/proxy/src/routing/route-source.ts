import type { Route } from "./route.ts";

/** Called in the same tick in which a route changes; undefined when the Session is gone. Must not throw. */
export type RouteListener = (session: string, route: Route | undefined) => void;

/** Where routes come from. */
export interface RouteSource {
  /** The route of a session, from memory. */
  lookUp(session: string): Route | undefined;
  /**
   * Asks the API server for a session that {@link lookUp} does not know. Only for requests with a verified token:
   * made-up hosts must not reach the API server. Undefined when there is none.
   * @throws CarrelError `UNAVAILABLE` when there is no answer in time
   */
  readThrough(session: string): Promise<Route | undefined>;
  /** Returns how to stop listening. */
  subscribe(listener: RouteListener): () => void;
}
