import type { KubeObject } from "@carrel/kube";

/**
 * What this process has created and its caches may not show yet, per workspace. Saves calls, never decides anything:
 * after a restart the same objects are met again through `ensureOwned`.
 */
export class CreatedObjects {
  readonly #byWorkspace = new Map<string, Map<string, KubeObject>>();

  /** The remembered object, or what `create` makes. */
  async ensure<T extends KubeObject>(workspaceUid: string, key: string, create: () => Promise<T>): Promise<T> {
    const known = this.#byWorkspace.get(workspaceUid)?.get(key);
    if (known !== undefined) return known as T;
    const object = await create();
    const objects = this.#byWorkspace.get(workspaceUid) ?? new Map<string, KubeObject>();
    objects.set(key, object);
    this.#byWorkspace.set(workspaceUid, objects);
    return object;
  }

  /** Forgets one object (it was deleted) or, without a key, the workspace. */
  forget(workspaceUid: string, key?: string): void {
    if (key === undefined) this.#byWorkspace.delete(workspaceUid);
    else this.#byWorkspace.get(workspaceUid)?.delete(key);
  }
}
