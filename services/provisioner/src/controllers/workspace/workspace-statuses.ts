import type { Workspace, WorkspaceStatus } from "@carrel/api";
import { compareResourceVersions, type ReadonlyStore, type Watch } from "@carrel/kube";

interface Newer {
  readonly workspace: Workspace;
  /** Not yet confirmed: the resourceVersion is that of the state it was decided on. */
  readonly planned: boolean;
}

/**
 * The Workspaces as this process knows them: the cache's, but for a newer status that it has written, or decided on and
 * is just writing. Whoever follows a Workspace's status need not wait until the write has come round through the watch.
 *
 * A status whose write fails is taken back: followers must be level-triggered, as every reconciler is.
 */
export class WorkspaceStatuses {
  readonly #cache: Pick<ReadonlyStore<Workspace>, "get">;
  readonly #newer = new Map<string, Newer>();
  readonly #listeners = new Set<(workspace: Workspace) => void>();

  constructor(cache: Pick<ReadonlyStore<Workspace>, "get">) {
    this.#cache = cache;
  }

  /** The newest state of a Workspace that the API server has or is about to have; undefined when it is gone. */
  get(name: string): Workspace | undefined {
    const cached = this.#cache.get(name);
    const newer = this.#newer.get(name);
    if (newer === undefined) return cached;
    if (cached !== undefined && isBehind(cached, newer)) return newer.workspace;
    this.#newer.delete(name);
    return cached;
  }

  /**
   * Makes `status` the Workspace's newest one, tells those who watch, and writes it meanwhile.
   * @param write sends it and gives the object as the API server returned it.
   */
  async write(workspace: Workspace, status: WorkspaceStatus, write: () => Promise<Workspace>): Promise<void> {
    const { name } = workspace.metadata;
    const planned = { workspace: { ...workspace, status }, planned: true };
    this.#newer.set(name, planned);
    for (const listener of this.#listeners) listener(planned.workspace);
    try {
      this.#newer.set(name, { workspace: await write(), planned: false });
    } catch (error) {
      if (this.#newer.get(name) === planned) this.#newer.delete(name);
      throw error;
    }
  }

  /** The Workspace is gone. */
  forget(name: string): void {
    this.#newer.delete(name);
  }

  /** Wakes a controller when a status is decided on, for the keys that `toKeys` gives. */
  watch(toKeys: (workspace: Workspace) => readonly string[]): Watch {
    return {
      waitForSync: () => Promise.resolve(),
      keys: () => [],
      attach: (enqueue) => {
        const listener = (workspace: Workspace): void => {
          for (const key of toKeys(workspace)) enqueue(key, "normal");
        };
        this.#listeners.add(listener);
        return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
      },
    };
  }
}

function isBehind(cached: Workspace, { workspace, planned }: Newer): boolean {
  if (cached.metadata.uid !== workspace.metadata.uid) return false;
  const order = compareResourceVersions(
    cached.metadata.resourceVersion ?? "",
    workspace.metadata.resourceVersion ?? "",
  );
  // What cannot be compared is taken from the cache.
  return order !== undefined && (order < 0 || (planned && order === 0));
}
