import { isDeepStrictEqual } from "node:util";
import type { ReadyReason, Workspace, WorkspaceStatus } from "@carrel/api";
import { findCondition, setCondition, type Namespace, type Pod } from "@carrel/kube";

/** What a reconcile of a Workspace saw. */
export interface WorkspaceObservation {
  readonly ready: boolean;
  readonly reason: ReadyReason;
  readonly message: string;
  /** Namespaces that exist, as far as was seen. */
  readonly namespaces: readonly Namespace[];
  readonly pod?: Pod;
  /** What became of the template's objects; absent: nothing was done about them. */
  readonly objects?: Pick<WorkspaceStatus, "objects" | "outputs">;
  /** What a claim asks for is not all applied yet. */
  readonly claiming: boolean;
}

/** Reasons that are written while starting; the ordinary steps in between are not worth a write each. */
const WORTH_TELLING = new Set<ReadyReason>([
  "PodUnschedulable",
  "ImagePullFailed",
  "ContainerFailed",
  "ObjectRefused",
  "NameTaken",
  "ObjectsFailed",
  "SourceMissing",
  "WaitingForObjects",
  "WaitingForQuota",
]);

/**
 * The status to write after an observation, or `undefined` when nothing worth a write changed. The Ready condition's
 * `observedGeneration` is the newest generation all of which is applied: after a claim it moves when the claim's part is
 * done. Pure.
 */
export function planWorkspaceStatus(
  workspace: Workspace,
  seen: WorkspaceObservation,
  nowMs: number,
): WorkspaceStatus | undefined {
  const current = workspace.status ?? {};
  const phase = seen.ready || current.phase === "Ready" ? "Ready" : "Provisioning";
  if (!isWorthAWrite(workspace, seen, phase)) return undefined;
  const generation = workspace.metadata.generation ?? 0;
  const before = findCondition(current.conditions, "Ready");
  const observedGeneration = seen.claiming ? (before?.observedGeneration ?? 0) : generation;
  return {
    ...current,
    phase,
    observedGeneration,
    conditions: setCondition(
      current.conditions ?? [],
      {
        type: "Ready",
        status: seen.ready ? "True" : "False",
        reason: seen.reason,
        message: seen.message.slice(0, 1024),
        observedGeneration,
      },
      { now: () => nowMs },
    ),
    namespaces: allNamespaces(current.namespaces ?? [], seen.namespaces),
    ...seen.objects,
    ...(seen.pod?.metadata.uid === undefined
      ? {}
      : {
          pod: {
            namespace: seen.pod.metadata.namespace ?? "",
            name: seen.pod.metadata.name,
            uid: seen.pod.metadata.uid,
          },
        }),
    ...(seen.ready && current.readyAt === undefined ? { readyAt: new Date(nowMs).toISOString() } : {}),
  };
}

function isWorthAWrite({ metadata, status }: Workspace, seen: WorkspaceObservation, phase: string): boolean {
  const ready = findCondition(status?.conditions, "Ready");
  const changed = ready?.status !== (seen.ready ? "True" : "False") || ready.reason !== seen.reason;
  if (phase === "Provisioning" && !WORTH_TELLING.has(seen.reason)) {
    // Only that it is over, what was worth telling.
    return ready !== undefined && WORTH_TELLING.has(ready.reason as ReadyReason);
  }
  return (
    changed ||
    phase !== status?.phase ||
    (seen.pod?.metadata.uid !== undefined && seen.pod.metadata.uid !== status?.pod?.uid) ||
    (seen.objects !== undefined && !isDeepStrictEqual(seen.objects.objects ?? [], status?.objects ?? [])) ||
    (!seen.claiming && (ready?.observedGeneration ?? 0) < (metadata.generation ?? 0))
  );
}

/** All that ever were: teardown must see each of them gone. */
function allNamespaces(
  before: NonNullable<WorkspaceStatus["namespaces"]>,
  seen: readonly Namespace[],
): NonNullable<WorkspaceStatus["namespaces"]> {
  const found = seen.flatMap(({ metadata: { name, uid } }) => (uid === undefined ? [] : [{ name, uid }]));
  return [...before, ...found.filter(({ uid }) => !before.some((known) => known.uid === uid))];
}
