import type { ReadyReason } from "@carrel/api";
import type { ContainerState, ContainerStatus, Pod } from "@carrel/kube";

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
  for (const status of pod.status?.initContainerStatuses ?? []) {
    const failure = failureOf(status, "init container");
    if (failure !== undefined) return failure;
  }
  for (const status of pod.status?.containerStatuses ?? []) {
    const failure = failureOf(status, "container");
    if (failure !== undefined) return failure;
  }
  return { ready: false, reason: waiting, message: `the workspace pod is ${pod.status?.phase ?? "Pending"}` };
}

function failureOf({ name, state, lastState }: ContainerStatus, what: string): DeskObservation | undefined {
  const waiting = state?.waiting;
  // Between two tries the one before tells why; in the moment after a failure the container itself does.
  const ended = endOf(state) ?? (waiting?.reason === "CrashLoopBackOff" ? endOf(lastState) : undefined);
  if (waiting?.reason === undefined) {
    return ended === undefined ? undefined : failed("ContainerFailed", `${what} ${name} ${ended}`);
  }
  const details = [waiting.reason, ended ?? waiting.message].filter((detail) => detail !== undefined).join(": ");
  if (PULL_FAILURES.has(waiting.reason)) return failed("ImagePullFailed", `${what} ${name}: ${details}`);
  if (RUN_FAILURES.has(waiting.reason)) return failed("ContainerFailed", `${what} ${name}: ${details}`);
  return undefined;
}

/** How a container failed; undefined when it did not end, or ended well. */
function endOf(state: ContainerState | undefined): string | undefined {
  const terminated = state?.terminated;
  if (terminated === undefined || terminated.exitCode === 0) return undefined;
  const why = terminated.reason === undefined || terminated.reason === "Error" ? "" : ` (${terminated.reason})`;
  const message = terminated.message === undefined ? "" : `: ${terminated.message.trim()}`;
  return `ended with exit code ${terminated.exitCode}${why}${message}`;
}

function failed(reason: ReadyReason, message: string): DeskObservation {
  return { ready: false, reason, message };
}
