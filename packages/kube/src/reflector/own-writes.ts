import type { KubeObject } from "../client/resource.ts";
import { compareResourceVersions } from "./resource-version.ts";

/**
 * What this process wrote and its cache does not show yet. Without it a reconcile that runs in between would decide on
 * the state before the write, and write again in vain.
 */
export class OwnWrites<T extends KubeObject> {
  readonly #written = new Map<string, T>();

  /** Remembers the object as the API server returned it. */
  remember(object: T): void {
    this.#written.set(object.metadata.name, object);
  }

  /** The newer of what the cache has and what was written; forgets the latter once the cache has caught up. */
  newest(cached: T): T {
    const written = this.#written.get(cached.metadata.name);
    if (written === undefined) return cached;
    const sameObject = written.metadata.uid === cached.metadata.uid;
    const order = compareResourceVersions(
      cached.metadata.resourceVersion ?? "",
      written.metadata.resourceVersion ?? "",
    );
    if (sameObject && order !== undefined && order < 0) return written;
    this.#written.delete(cached.metadata.name);
    return cached;
  }

  forget(name: string): void {
    this.#written.delete(name);
  }
}
