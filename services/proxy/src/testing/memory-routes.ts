import type { Route } from "../routing/route.ts";
import type { RouteListener, RouteSource } from "../routing/route-source.ts";

/** Routes that a test sets. What {@link readable} holds is found only by asking the API server. */
export class MemoryRoutes implements RouteSource {
  readonly #routes = new Map<string, Route>();
  readonly #listeners = new Set<RouteListener>();
  readonly readable = new Map<string, Route>();
  readThroughs = 0;

  set(route: Route): void {
    this.#routes.set(route.session, route);
    for (const listener of this.#listeners) listener(route.session, route);
  }

  /** Changes some of a session's route. */
  change(session: string, change: Partial<Route>): void {
    const route = this.#routes.get(session);
    if (route === undefined) throw new Error(`there is no route of ${session}`);
    this.set({ ...route, ...change });
  }

  delete(session: string): void {
    this.#routes.delete(session);
    for (const listener of this.#listeners) listener(session, undefined);
  }

  lookUp(session: string): Route | undefined {
    return this.#routes.get(session);
  }

  readThrough(session: string): Promise<Route | undefined> {
    this.readThroughs += 1;
    return Promise.resolve(this.readable.get(session));
  }

  subscribe(listener: RouteListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
