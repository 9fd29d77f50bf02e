import type { KubeObject } from "@carrel/kube";

interface Known {
  readonly uid: string;
  readonly objects: Map<string, KubeObject>;
}

/**
 * What this process has created and its caches may not show yet, per workspace. Saves calls, never decides anything:
 * after a restart the same objects are met again through `ensureOwned`.
 */
export class CreatedObjects {
  readonly #byWorkspace = new Map<string, Known>();

  /** The remembered object, or what `create` makes. A workspace of the same name with another UID has nothing yet. */
  async ensure<T extends KubeObject>(
    workspace: { readonly name: string; readonly uid?: string },
    key: string,
    create: () => Promise<T>,
  ): Promise<T> {
    const known = this.get(workspace, key);
    if (known !== undefined) return known as T;
    const object = await create();
    const { name, uid = "" } = workspace;
    const before = this.#byWorkspace.get(name);
    const entry = before?.uid === uid ? before : { uid, objects: new Map<string, KubeObject>() };
    entry.objects.set(key, object);
    this.#byWorkspace.set(name, entry);
    return object;
  }

  get(workspace: { readonly name: string; readonly uid?: string }, key: string): KubeObject | undefined {
    const known = this.#byWorkspace.get(workspace.name);
    return known?.uid === (workspace.uid ?? "") ? known.objects.get(key) : undefined;
  }

  /** Forgets one object (it was deleted) or, without a key, the workspace. */
  forget(workspace: string, key?: string): void {
    if (key === undefined) this.#byWorkspace.delete(workspace);
    else this.#byWorkspace.get(workspace)?.objects.delete(key);
  }
}
