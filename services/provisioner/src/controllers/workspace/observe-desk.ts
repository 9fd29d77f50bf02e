import type { ReadyReason } from "@carrel/api";
import type { ContainerStatus, Pod } from "@carrel/kube";

/** What a workspace pod's status means for its session. */
export interface DeskObservation {
  readonly ready: boolean;
  readonly reason: ReadyReason;
  readonly message: string;
}

const PULL_FAILURES = new Set(["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"]);
const RUN_FAILURES = new Set([
  "CrashLoopBackOff",
  "CreateContainerConfigError",
  "CreateContainerError",
  "RunContainerError",
]);

/** Reads the workspace pod's status; `wasReady` tells a start from a relapse. Pure. */
export function observeDesk(pod: Pod | undefined, wasReady: boolean): DeskObservation {
  const waiting: ReadyReason = wasReady ? "PodNotReady" : "PodStarting";
  if (pod === undefined) return { ready: false, reason: waiting, message: "the workspace pod does not exist" };
  const conditions = pod.status?.conditions ?? [];
  if (conditions.some((condition) => condition.type === "Ready" && condition.status === "True")) {
    return { ready: true, reason: "Ready", message: "the endpoints answer" };
  }
  const scheduled = conditions.find((condition) => condition.type === "PodScheduled");
  if (scheduled?.status === "False")
    return { ready: false, reason: "PodUnschedulable", message: scheduled.message ?? "no node can take the pod" };
  for (const status of [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]) {
    const failure = failureOf(status);
    if (failure !== undefined) return failure;
  }
  return { ready: false, reason: waiting, message: `the workspace pod is ${pod.status?.phase ?? "Pending"}` };
}

function failureOf(status: ContainerStatus): DeskObservation | undefined {
  const waiting = status.state?.waiting;
  if (waiting?.reason === undefined) return undefined;
  const message = `container ${status.name}: ${waiting.reason}${waiting.message === undefined ? "" : `: ${waiting.message}`}`;
  if (PULL_FAILURES.has(waiting.reason)) return { ready: false, reason: "ImagePullFailed", message };
  if (RUN_FAILURES.has(waiting.reason)) return { ready: false, reason: "ContainerFailed", message };
  return undefined;
}
