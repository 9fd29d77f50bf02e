import { Quantity } from "@carrel/api";
import type { ResourceList, ResourceQuota } from "@carrel/kube";
import type { InstanceSpec } from "./resources.ts";

/** What a launcher pod asks for. */
export interface LauncherResources {
  readonly requests: ResourceList;
  readonly limits: ResourceList | undefined;
}

const MEBI = Quantity.parse("1Mi");
/** What KubeVirt adds for its own processes beside the guest, without what grows with it. */
const FIXED_OVERHEAD = Quantity.parse("220Mi");
const OVERHEAD_PER_CPU = Quantity.parse("8Mi");

/** Virtual CPUs of an instance: cores × sockets × threads, at least one. */
export function cpusOf({ domain: { cpu } }: InstanceSpec): number {
  return (cpu?.cores ?? 1) * (cpu?.sockets ?? 1) * (cpu?.threads ?? 1);
}

/** The guest's memory; KubeVirt asks for one of the two fields. */
export function guestMemoryOf({ domain }: InstanceSpec): Quantity {
  return Quantity.parse(String(domain.memory?.guest ?? domain.resources?.requests?.["memory"] ?? "128Mi"));
}

/**
 * KubeVirt's arithmetic: a tenth of a CPU for each virtual one, and the guest's memory with overhead (its page tables,
 * 1/512; 8Mi for each virtual CPU; 220Mi for QEMU, libvirt and its own processes). Where a quota of the namespace bounds
 * limits, also limits: one CPU for each virtual one, twice the memory that is asked for.
 */
export function launcherResources(spec: InstanceSpec, quotas: readonly ResourceQuota[]): LauncherResources {
  const cpus = cpusOf(spec);
  const guest = guestMemoryOf(spec);
  const memory = guest
    .plus(guest.part(1, 512, MEBI))
    .plus(FIXED_OVERHEAD)
    .plus(OVERHEAD_PER_CPU.times(cpus));
  const bounded = (key: string): boolean => quotas.some(({ spec: quota }) => quota?.hard?.[key] !== undefined);
  const limits = {
    ...(bounded("limits.cpu") ? { cpu: String(cpus) } : {}),
    ...(bounded("limits.memory") ? { memory: String(memory.times(2)) } : {}),
  };
  return {
    requests: { cpu: `${cpus * 100}m`, memory: String(memory) },
    limits: Object.keys(limits).length === 0 ? undefined : limits,
  };
}
