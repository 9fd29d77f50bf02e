import { Quantity } from "@carrel/api";
import type { Pod } from "@carrel/kube";
import { guestPod, nameSuffix } from "../guest/guest-pod.ts";
import type { VirtualMachine, VirtualMachineClass } from "./resources.ts";

/** Labels of a guest's pod that say whose it is: it is in another namespace, so no owner reference can. */
export const OF_NAMESPACE = "stand-in.carrel.dev/namespace";
export const OF_NAME = "stand-in.carrel.dev/name";

const GUEST_PORT = 8080;
const GRACE_SECONDS = 60;
/** What QEMU takes beside the guest's memory. */
const OVERHEAD = Quantity.parse("128Mi");

/** Where guests run, and what they are made of. */
export interface VsphereSettings {
  /** The namespace that stands for vSphere: outside every session's. */
  readonly namespace: string;
  readonly image: string;
}

/** The name of a machine's guest in the namespace that stands for vSphere. */
export function guestName({ metadata }: VirtualMachine): string {
  return `vm-${metadata.name.slice(0, 40)}-${nameSuffix(metadata.uid ?? "")}`;
}

/** The pod in which a machine's guest runs. `userData` is what its bootstrap Secret holds. */
export function vsphereGuest(
  machine: VirtualMachine,
  machineClass: VirtualMachineClass,
  userData: string | undefined,
  { namespace, image }: VsphereSettings,
): Pod {
  const { metadata, spec } = machine;
  const memory = Quantity.parse(String(machineClass.spec?.hardware?.memory ?? "128Mi"));
  const cpus = machineClass.spec?.hardware?.cpus ?? 1;
  return guestPod(
    {
      name: spec.network?.hostName ?? metadata.name,
      cpus,
      memoryMiB: Number.parseInt(String(memory.part(1, 1_048_576, Quantity.parse("1"))), 10),
      ports: [GUEST_PORT],
      keys: spec.bootstrap?.cloudInit?.sshAuthorizedKeys ?? [],
      keySecrets: [],
      userData: userData === undefined ? undefined : { text: userData },
      graceSeconds: GRACE_SECONDS,
    },
    {
      name: guestName(machine),
      namespace,
      labels: { [OF_NAMESPACE]: metadata.namespace ?? "", [OF_NAME]: metadata.name },
    },
    { image, requests: { cpu: `${cpus * 100}m`, memory: String(memory.plus(OVERHEAD)) } },
  );
}
