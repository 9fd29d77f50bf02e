import { LABELS, namespaceName, ROLE_DESK, type Workspace } from "@carrel/api";
import { PODS, type KubeClient, type KubeObject, type ResourceMapper } from "@carrel/kube";
import type { Clock } from "@carrel/std";
import { describeObjects } from "./blockers.ts";
import { deleteListed, servedResource, withProblem, type DeletionContext } from "./delete-objects.ts";
import { externalKinds, type ExternalKind } from "./external-kinds.ts";
import type { DoomedNamespace } from "./plan-teardown.ts";
import type { TeardownEvents } from "./teardown-events.ts";

export interface ExternalObjectsOptions {
  readonly client: Pick<KubeClient, "list" | "delete" | "deleteCollection">;
  readonly mapper: Pick<ResourceMapper, "resourceOf">;
  readonly events: TeardownEvents;
  readonly clock: Clock;
}

/** How long a desk's goodbye may take. */
const DESK_GRACE_SECONDS = 5;
/** From then on the wait is told. */
const WORTH_TELLING_MS = 10_000;
const SHORTEST_LOOK_MS = 500;
const LONGEST_LOOK_MS = 15_000;

/**
 * Deletes, while their namespaces still live, the objects whose finalizers need one, and waits for them, each kind its
 * own bounded time. What takes longer is named, and the teardown goes on: its finalizer is never taken off.
 *
 * Only the desk is stopped meanwhile: an operator that works in the session's own namespaces may be what finalises.
 */
export class ExternalObjects {
  readonly #options: ExternalObjectsOptions;
  /** UIDs of namespaces whose desk was told to stop. */
  readonly #stopped = new Set<string>();

  constructor(options: ExternalObjectsOptions) {
    this.#options = options;
  }

  /**
   * @param namespaces those of the Workspace that are not being deleted yet.
   * @returns after how many milliseconds to come again; undefined when the namespaces may be deleted.
   */
  async settle(
    workspace: Workspace,
    namespaces: readonly DoomedNamespace[],
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const kinds = externalKinds(workspace);
    if (kinds.length === 0 || namespaces.length === 0) return undefined;
    const { client, mapper, clock } = this.#options;
    const deletion = { client, mapper, signal };
    const [left] = await Promise.all([
      Promise.all(kinds.map(async (kind) => ({ kind, ...(await leftOf(kind, namespaces, workspace, deletion)) }))),
      this.#stopDesk(workspace, namespaces, signal),
    ]);
    const elapsedMs = clock.now() - Date.parse(workspace.metadata.deletionTimestamp ?? "");
    const standing = left.filter(({ objects, problem }) => objects.length > 0 || problem !== undefined);
    const late = standing.filter(({ kind }) => elapsedMs >= kind.timeoutMs);
    const waiting = standing.filter(({ kind }) => elapsedMs < kind.timeoutMs);
    this.#tell(workspace, late, waiting, elapsedMs);
    if (waiting.length === 0) return undefined;
    const leftMs = Math.min(...waiting.map(({ kind }) => kind.timeoutMs - elapsedMs));
    return Math.min(leftMs, Math.max(SHORTEST_LOOK_MS, Math.min(LONGEST_LOOK_MS, elapsedMs / 4)));
  }

  /** The namespaces are being deleted: what was remembered of them is of no use any more. */
  forget(namespaceUid: string): void {
    this.#stopped.delete(namespaceUid);
  }

  async #stopDesk(workspace: Workspace, namespaces: readonly DoomedNamespace[], signal: AbortSignal): Promise<void> {
    const primary = namespaces.find(({ name }) => name === namespaceName(workspace.metadata.name));
    if (primary === undefined || this.#stopped.has(primary.uid)) return;
    await this.#options.client.deleteCollection(PODS, {
      namespace: primary.name,
      labelSelector: `${LABELS.role}=${ROLE_DESK}`,
      gracePeriodSeconds: DESK_GRACE_SECONDS,
      signal,
    });
    this.#stopped.add(primary.uid);
  }

  #tell(workspace: Workspace, late: readonly Standing[], waiting: readonly Standing[], elapsedMs: number): void {
    const { events } = this.#options;
    if (late.length > 0) {
      const after = `${Math.round(elapsedMs / 1000)} s`;
      events.tell(
        workspace,
        "TeardownBlocked",
        `not gone after ${after}, the namespaces go all the same: ${told(late)}`,
      );
    }
    if (waiting.length > 0 && elapsedMs >= WORTH_TELLING_MS) {
      events.tell(workspace, "TeardownWaits", `waits for what is finalised outside: ${told(waiting)}`);
    }
  }
}

interface Standing {
  readonly kind: ExternalKind;
  readonly objects: readonly KubeObject[];
  readonly problem?: string;
}

function told(standing: readonly Standing[]): string {
  return standing.map(({ objects, problem }) => problem ?? describeObjects(objects)).join("; ");
}

/**
 * Those that Carrel made and those that have a finalizer, e.g. a learner's own virtual machines. The others of the kind
 * hold nothing up.
 */
async function leftOf(
  { apiVersion, kind }: ExternalKind,
  namespaces: readonly DoomedNamespace[],
  { metadata }: Workspace,
  deletion: DeletionContext,
): ReturnType<typeof withProblem> {
  return await withProblem(kind, async () => {
    const resource = await servedResource(deletion, apiVersion, kind);
    if (resource?.namespaced !== true) return [];
    const mine = (object: KubeObject): boolean =>
      object.metadata.labels?.[LABELS.workspaceUid] === metadata.uid || (object.metadata.finalizers ?? []).length > 0;
    const lists = namespaces.map(({ name }) => deleteListed(deletion, resource, { namespace: name }, mine));
    return (await Promise.all(lists)).flat();
  });
}
