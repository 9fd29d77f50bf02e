import { LABELS, type Workspace } from "@carrel/api";
import { CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, type KubeClient, type ResourceMapper } from "@carrel/kube";
import type { Clock } from "@carrel/std";
import { describeObjects } from "./blockers.ts";
import { deleteListed, servedResource, withProblem, type DeletionContext } from "./delete-objects.ts";
import { broughtKinds } from "./external-kinds.ts";
import type { TeardownEvents } from "./teardown-events.ts";

export interface ClusterObjectsOptions {
  readonly client: Pick<KubeClient, "list" | "delete">;
  readonly mapper: Pick<ResourceMapper, "resourceOf">;
  readonly events: TeardownEvents;
  readonly clock: Clock;
}

/** From then on after the Workspace's deletion what is left is told. */
const WORTH_TELLING_MS = 30_000;
const FIRST_LOOK_MS = 250;
const LONGEST_LOOK_MS = 15_000;

/**
 * Deletes what a Workspace brought along that no namespace holds: cluster-scoped objects of its template and the
 * learner's cluster-wide rights, by the Workspace's UID in their label.
 */
export class ClusterObjects {
  readonly #options: ClusterObjectsOptions;

  constructor(options: ClusterObjectsOptions) {
    this.#options = options;
  }

  /** @returns after how many milliseconds to come again; undefined when nothing is left. */
  async sweep(workspace: Workspace, signal: AbortSignal): Promise<number | undefined> {
    const { kinds, clusterRules } = broughtKinds(workspace);
    if (kinds.length === 0 && !clusterRules) return undefined;
    const { client, mapper, events, clock } = this.#options;
    const deletion = { client, mapper, signal };
    const rights = clusterRules ? [CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES] : [];
    const left = await Promise.all([
      ...rights.map((of) => withProblem(of.kind, () => deleteOwned(deletion, of, workspace))),
      ...kinds.map(({ apiVersion, kind }) =>
        withProblem(kind, async () => {
          const of = await servedResource(deletion, apiVersion, kind);
          return of === undefined || of.namespaced ? [] : await deleteOwned(deletion, of, workspace);
        }),
      ),
    ]);
    const standing = left.filter(({ objects, problem }) => objects.length > 0 || problem !== undefined);
    if (standing.length === 0) return undefined;
    const elapsedMs = clock.now() - Date.parse(workspace.metadata.deletionTimestamp ?? "");
    if (elapsedMs >= WORTH_TELLING_MS) {
      const told = standing.map(({ objects, problem }) => problem ?? describeObjects(objects)).join("; ");
      events.tell(workspace, "ClusterObjectsStuck", `not gone yet: ${told}`);
    }
    return Math.min(LONGEST_LOOK_MS, Math.max(FIRST_LOOK_MS, elapsedMs / 4));
  }
}

function deleteOwned(
  deletion: DeletionContext,
  of: Parameters<typeof deleteListed>[1],
  { metadata }: Workspace,
): ReturnType<typeof deleteListed> {
  const labelSelector = `${LABELS.workspaceUid}=${metadata.uid ?? ""}`;
  return deleteListed(deletion, of, { labelSelector }, () => true);
}
