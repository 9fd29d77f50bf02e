import type { Session, Workspace } from "@carrel/api";

/**
 * Which Workspace a session holds: the one that it names and that names it. Knows those that were just created or
 * claimed and the cache does not show yet.
 */
export class HeldWorkspaces {
  readonly #cache: { get(name: string): Workspace | undefined };
  readonly #fresh = new Map<string, Workspace>();

  constructor(cache: { get(name: string): Workspace | undefined }) {
    this.#cache = cache;
  }

  of({ metadata, spec }: Session): Workspace | undefined {
    const cached = this.#cache.get(spec.workspace);
    if (cached !== undefined && cached.spec.session?.uid === metadata.uid) {
      this.#fresh.delete(metadata.name);
      return cached;
    }
    const fresh = this.#fresh.get(metadata.name);
    return fresh?.spec.session?.uid === metadata.uid && fresh?.metadata.name === spec.workspace ? fresh : undefined;
  }

  remember(session: Session, workspace: Workspace): void {
    this.#fresh.set(session.metadata.name, workspace);
  }

  /** The session is over, or its Workspace is gone. */
  forget(session: string): void {
    this.#fresh.delete(session);
  }
}
