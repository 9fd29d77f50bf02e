import type { Pod } from "@carrel/kube";

/** What a launcher pod says of its guest. */
export interface ObservedGuest {
  /** `absent`: there is no pod. `ended` and `failed`: QEMU has stopped, by itself or by a fault. */
  readonly state: "absent" | "starting" | "running" | "ended" | "failed";
  /** The guest answers. */
  readonly ready: boolean;
  readonly ip: string | undefined;
  readonly node: string | undefined;
}

/** Reads a launcher pod. */
export function observeGuest(pod: Pod | undefined): ObservedGuest {
  const status = pod?.status;
  const ready = status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") === true;
  return { state: stateOf(pod), ready, ip: status?.podIP, node: pod?.spec.nodeName };
}

function stateOf(pod: Pod | undefined): ObservedGuest["state"] {
  if (pod === undefined) return "absent";
  switch (pod.status?.phase) {
    case "Running":
      return "running";
    case "Succeeded":
      return "ended";
    case "Failed":
      return "failed";
    default:
      return "starting";
  }
}
