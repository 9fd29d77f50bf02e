import type { Condition } from "@carrel/api";
import type { ObservedGuest } from "../guest/observe-guest.ts";
import type { InstancePhase, VirtualMachineInstance } from "./resources.ts";

/** What an instance's status says. */
export interface ObservedInstance {
  readonly status: Omit<NonNullable<VirtualMachineInstance["status"]>, "conditions">;
  readonly conditions: readonly Omit<Condition, "lastTransitionTime">[];
}

/** The status of an instance from its launcher pod, or from why there is none. */
export function observeInstance(
  instance: VirtualMachineInstance,
  guest: ObservedGuest,
  refusal: string | undefined,
): ObservedInstance {
  const phase = phaseOf(guest, instance.status?.phase);
  const ready = guest.ready && phase === "Running";
  const network = instance.spec.networks?.[0]?.name ?? "default";
  return {
    status: {
      phase,
      ...(guest.node === undefined ? {} : { nodeName: guest.node }),
      ...(guest.ip === undefined
        ? {}
        : { interfaces: [{ name: network, ipAddress: guest.ip, ipAddresses: [guest.ip] }] }),
    },
    conditions: [
      {
        type: "Ready",
        status: ready ? "True" : "False",
        reason: ready ? "GuestRunning" : "GuestNotRunning",
        message: ready ? "" : "the guest does not answer yet",
      },
      {
        type: "Synchronized",
        status: refusal === undefined ? "True" : "False",
        reason: refusal === undefined ? "Synchronized" : "FailedCreate",
        message: refusal ?? "",
      },
    ],
  };
}

function phaseOf(guest: ObservedGuest, before: InstancePhase | undefined): InstancePhase {
  switch (guest.state) {
    case "running":
      return "Running";
    case "ended":
      return "Succeeded";
    case "failed":
      return "Failed";
    case "starting":
      return "Scheduling";
    case "absent":
      // A pod that was there and is gone took the guest with it.
      if (before === undefined || before === "Pending") return "Pending";
      return before === "Succeeded" ? "Succeeded" : "Failed";
  }
}
