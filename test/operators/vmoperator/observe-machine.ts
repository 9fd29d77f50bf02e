import type { Condition } from "@carrel/api";
import type { ObservedGuest } from "../guest/observe-guest.ts";
import type { VirtualMachine } from "./resources.ts";

export type PowerState = "PoweredOn" | "PoweredOff" | "Suspended";

/** The power state that is wanted, whichever version wrote it; on when none is. A suspended guest is stopped here. */
export function wantedPower({ spec }: Pick<VirtualMachine, "spec">): PowerState {
  switch (spec.powerState?.toLowerCase()) {
    case "poweredoff":
      return "PoweredOff";
    case "suspended":
      return "Suspended";
    default:
      return "PoweredOn";
  }
}

/** Why a machine cannot be made: what its specification names does not exist. */
export interface Unresolved {
  readonly condition: "VirtualMachineClassReady" | "VirtualMachineImageReady" | "VirtualMachineBootstrapReady";
  readonly message: string;
}

const PREREQUISITES = [
  "VirtualMachineClassReady",
  "VirtualMachineImageReady",
  "VirtualMachineStorageReady",
  "VirtualMachineBootstrapReady",
  "VirtualMachineNetworkReady",
] as const;

/** The conditions of a machine, by what could not be resolved and how its guest is. */
export function conditionsOf(
  unresolved: readonly Unresolved[],
  guest: ObservedGuest,
): readonly Omit<Condition, "lastTransitionTime">[] {
  const prerequisites = PREREQUISITES.map((type) => {
    const missing = unresolved.find(({ condition }) => condition === type);
    return missing === undefined
      ? { type, status: "True" as const, reason: "True", message: "" }
      : { type, status: "False" as const, reason: "NotFound", message: missing.message };
  });
  const created = guest.state !== "absent";
  const reason = created ? "True" : "NotCreated";
  return [...prerequisites, { type: "VirtualMachineCreated", status: created ? "True" : "False", reason, message: "" }];
}

/** The power state that is seen. */
export function seenPower(guest: ObservedGuest, wanted: PowerState): PowerState {
  if (guest.state === "running") return "PoweredOn";
  return wanted === "Suspended" && guest.state === "absent" ? "Suspended" : "PoweredOff";
}
