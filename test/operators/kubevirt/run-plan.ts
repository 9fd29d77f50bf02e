import type { RunStrategy, VirtualMachine, VirtualMachineInstance } from "./resources.ts";

/** What a machine's run strategy is; `running` is the older way to say it. */
export function runStrategyOf({ spec }: Pick<VirtualMachine, "spec">): RunStrategy {
  return spec.runStrategy ?? (spec.running === true ? "Always" : "Halted");
}

/** What must happen to a machine's instance: made, removed, or let be. */
export type RunPlan = "create" | "delete" | "keep";

/** Decides by the run strategy and by how the instance is. A machine that is being deleted loses its instance. */
export function planRun(machine: VirtualMachine, instance: VirtualMachineInstance | undefined): RunPlan {
  if (instance?.metadata.deletionTimestamp !== undefined) return "keep";
  if (machine.metadata.deletionTimestamp !== undefined) return instance === undefined ? "keep" : "delete";
  const phase = instance?.status?.phase;
  switch (runStrategyOf(machine)) {
    case "Always":
      if (instance === undefined) return "create";
      return phase === "Succeeded" || phase === "Failed" ? "delete" : "keep";
    case "RerunOnFailure":
      if (instance === undefined) return "create";
      return phase === "Failed" ? "delete" : "keep";
    case "Once":
      return instance === undefined ? "create" : "keep";
    case "Manual":
      return "keep";
    case "Halted":
      return instance === undefined ? "keep" : "delete";
  }
}

/** The word of `kubectl get vm`. */
export function printableStatus(machine: VirtualMachine, instance: VirtualMachineInstance | undefined): string {
  if (machine.metadata.deletionTimestamp !== undefined) return "Terminating";
  if (instance === undefined) return planRun(machine, instance) === "create" ? "Starting" : "Stopped";
  if (instance.metadata.deletionTimestamp !== undefined) return "Stopping";
  switch (instance.status?.phase) {
    case "Running":
      return "Running";
    case "Succeeded":
    case "Failed":
      return "Stopped";
    default:
      return "Starting";
  }
}
