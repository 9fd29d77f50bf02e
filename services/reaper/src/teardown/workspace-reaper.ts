import { WORKSPACE_FINALIZER, type Session, type Workspace } from "@carrel/api";
import {
  findObject,
  hasFinalizer,
  isConflict,
  isInvalid,
  isNotFound,
  NAMESPACES,
  PODS,
  removeFinalizerPatch,
  SESSIONS,
  WORKSPACES,
  type KubeClient,
  type Namespace,
  type ReadonlyStore,
} from "@carrel/kube";
import type { Clock } from "@carrel/std";
import { namespaceBlocker } from "./blockers.ts";
import type { ClusterObjects } from "./cluster-objects.ts";
import type { ExternalObjects } from "./external-objects.ts";
import { isUnheld } from "./is-unheld.ts";
import { planTeardown, unaccountedNamespaces, type DoomedNamespace } from "./plan-teardown.ts";
import type { TeardownEvents } from "./teardown-events.ts";

/** Index of namespaces by the name of their Workspace. */
export const WORKSPACE_INDEX = "workspace";

export interface WorkspaceReaperOptions {
  readonly client: KubeClient;
  readonly workspaces: Pick<ReadonlyStore<Workspace>, "get">;
  readonly sessions: Pick<ReadonlyStore<Session>, "get">;
  /** Namespaces that Carrel manages, indexed by {@link WORKSPACE_INDEX}. */
  readonly namespaces: Pick<ReadonlyStore<Namespace>, "byIndex">;
  /** True when the watch told this process that the namespace with that UID was deleted. */
  readonly wasDeleted: (uid: string) => boolean;
  /** What is finalised outside, before the namespaces go. */
  readonly external: Pick<ExternalObjects, "settle" | "forget">;
  /** What no namespace holds, after they have gone. */
  readonly cluster: Pick<ClusterObjects, "sweep">;
  readonly events: Pick<TeardownEvents, "tell">;
  readonly clock: Clock;
}

/** How long a desk's goodbye may take. */
const POD_GRACE_SECONDS = 5;
/** Slow look at a teardown that waits for the namespace controller; its deletion events come first. */
const SLOW_LOOK_MS = 15_000;

/**
 * Tears down a Workspace that is being deleted, and deletes one whose Session is gone.
 *
 * A namespace is deleted first and emptied of pods right after: a terminating namespace takes no new objects, so no
 * controller can re-create what is being stopped. Before it go only the objects whose finalizers need it alive. Quota,
 * RBAC and isolation are left to the namespace controller: they must outlive the pods. Every delete names a UID.
 */
export class WorkspaceReaper {
  readonly #options: WorkspaceReaperOptions;
  /** UIDs of namespaces whose pods were told to stop. */
  readonly #hurried = new Set<string>();

  constructor(options: WorkspaceReaperOptions) {
    this.#options = options;
  }

  async reconcile(name: string, signal: AbortSignal): Promise<{ requeueAfterMs?: number } | void> {
    const workspace = this.#options.workspaces.get(name);
    if (workspace === undefined) return;
    if (workspace.metadata.deletionTimestamp === undefined) return await this.#deleteIfUnwanted(workspace, signal);
    if (!hasFinalizer(workspace, WORKSPACE_FINALIZER)) return;

    const namespaces = await this.#namespacesOf(workspace, signal);
    const plan = planTeardown(workspace, namespaces);
    const waitMs = await this.#options.external.settle(workspace, plan.deletable, signal);
    if (waitMs !== undefined) return { requeueAfterMs: waitMs };
    await Promise.all(plan.deletable.map((namespace) => this.#deleteNamespace(namespace, signal)));
    await Promise.all(plan.terminating.map((namespace) => this.#hurryPods(namespace, signal)));
    if (!plan.done) {
      this.#tellBlockers(workspace, namespaces);
      return { requeueAfterMs: SLOW_LOOK_MS };
    }
    const againMs = await this.#options.cluster.sweep(workspace, signal);
    if (againMs !== undefined) return { requeueAfterMs: againMs };
    for (const { uid } of workspace.status?.namespaces ?? []) this.#hurried.delete(uid);
    await this.#release(workspace, signal);
  }

  /** The cache's namespaces, and what a live look finds of those that it neither has nor saw deleted. */
  async #namespacesOf(workspace: Workspace, signal: AbortSignal): Promise<readonly Namespace[]> {
    const { client, namespaces, wasDeleted } = this.#options;
    const cached = namespaces.byIndex(WORKSPACE_INDEX, workspace.metadata.name);
    const looks = unaccountedNamespaces(workspace, cached, wasDeleted).map((name) =>
      findObject(client, NAMESPACES, name, { signal }),
    );
    const found = await Promise.all(looks);
    return [...cached, ...found.filter((namespace) => namespace !== undefined)];
  }

  #tellBlockers(workspace: Workspace, namespaces: readonly Namespace[]): void {
    const { events, clock } = this.#options;
    const told = namespaces
      .map((namespace) => namespaceBlocker(namespace, clock.now()))
      .filter((note) => note !== undefined);
    if (told.length > 0) events.tell(workspace, "NamespaceStuck", told.join("; "));
  }

  async #deleteNamespace(namespace: DoomedNamespace, signal: AbortSignal): Promise<void> {
    try {
      await this.#options.client.delete(NAMESPACES, namespace.name, { uid: namespace.uid, signal });
    } catch (error) {
      // Gone, or another namespace by now: what we meant no longer exists.
      if (isNotFound(error) || isConflict(error)) return;
      throw error;
    }
    this.#options.external.forget(namespace.uid);
    await this.#hurryPods(namespace, signal);
  }

  /**
   * Stops the pods of a terminating namespace, once per life of this process: also when the one who deleted the
   * namespace died before it came to this. A learner's own grace period would hold everything up.
   */
  async #hurryPods({ name, uid }: DoomedNamespace, signal: AbortSignal): Promise<void> {
    if (this.#hurried.has(uid)) return;
    await this.#options.client.deleteCollection(PODS, {
      namespace: name,
      gracePeriodSeconds: POD_GRACE_SECONDS,
      signal,
    });
    this.#hurried.add(uid);
  }

  async #release(workspace: Workspace, signal: AbortSignal): Promise<void> {
    const patch = removeFinalizerPatch(workspace, WORKSPACE_FINALIZER);
    if (patch === undefined) return;
    try {
      await this.#options.client.jsonPatch(WORKSPACES, workspace.metadata.name, patch, { signal });
    } catch (error) {
      if (!isNotFound(error) && !isInvalid(error)) throw error;
    }
  }

  async #deleteIfUnwanted(workspace: Workspace, signal: AbortSignal): Promise<void> {
    const { name, uid } = workspace.metadata;
    if (workspace.spec.terminate !== undefined || (await this.#isOrphaned(workspace, signal)))
      await this.#options.client.delete(WORKSPACES, name, { uid, signal });
  }

  async #isOrphaned(workspace: Workspace, signal: AbortSignal): Promise<boolean> {
    const owner = workspace.spec.session;
    if (owner === undefined || !isUnheld(workspace, this.#options.sessions.get(owner.name))) return false;
    // A cache that lags must never look like an orphan: ask the API server itself.
    return isUnheld(workspace, await findObject(this.#options.client, SESSIONS, owner.name, { signal }));
  }
}
