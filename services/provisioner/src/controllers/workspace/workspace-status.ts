import type { ReadyReason, Workspace, WorkspaceStatus } from "@carrel/api";
import { setCondition, type Namespace, type Pod } from "@carrel/kube";

/** What a reconcile of a Workspace saw. */
export interface WorkspaceObservation {
  readonly ready: boolean;
  readonly reason: ReadyReason;
  readonly message: string;
  readonly namespace?: Namespace;
  readonly pod?: Pod;
}

/** Reasons that are written while starting; the ordinary steps in between are not worth a write each. */
const WORTH_TELLING = new Set<ReadyReason>([
  "PodUnschedulable",
  "ImagePullFailed",
  "ContainerFailed",
  "ObjectRefused",
  "NameTaken",
]);

/** The status to write after an observation, or `undefined` when nothing worth a write changed. Pure. */
export function planWorkspaceStatus(
  workspace: Workspace,
  seen: WorkspaceObservation,
  nowMs: number,
): WorkspaceStatus | undefined {
  const current = workspace.status ?? {};
  const phase = seen.ready || current.phase === "Ready" ? "Ready" : "Provisioning";
  const ready = current.conditions?.find((condition) => condition.type === "Ready");
  const podChanged = seen.pod?.metadata.uid !== undefined && seen.pod.metadata.uid !== current.pod?.uid;
  const conditionChanged = ready?.status !== (seen.ready ? "True" : "False") || ready.reason !== seen.reason;
  const starting = phase === "Provisioning" && !WORTH_TELLING.has(seen.reason);
  if (
    starting
      ? ready?.reason === undefined || !WORTH_TELLING.has(ready.reason as ReadyReason)
      : phase === current.phase && !podChanged && !conditionChanged
  ) {
    return undefined;
  }
  const now = new Date(nowMs).toISOString();
  return {
    ...current,
    phase,
    observedGeneration: workspace.metadata.generation ?? 0,
    conditions: setCondition(
      current.conditions ?? [],
      {
        type: "Ready",
        status: seen.ready ? "True" : "False",
        reason: seen.reason,
        message: seen.message.slice(0, 1024),
        observedGeneration: workspace.metadata.generation ?? 0,
      },
      { now: () => nowMs },
    ),
    ...(seen.namespace?.metadata.uid === undefined
      ? {}
      : { namespaces: [{ name: seen.namespace.metadata.name, uid: seen.namespace.metadata.uid }] }),
    ...(seen.pod?.metadata.uid === undefined
      ? {}
      : {
          pod: {
            namespace: seen.pod.metadata.namespace ?? "",
            name: seen.pod.metadata.name,
            uid: seen.pod.metadata.uid,
          },
        }),
    ...(seen.ready && current.readyAt === undefined ? { readyAt: now } : {}),
  };
}
