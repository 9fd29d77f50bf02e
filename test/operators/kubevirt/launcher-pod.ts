import { Quantity } from "@carrel/api";
import { controllerRef, type Pod, type ResourceQuota } from "@carrel/kube";
import { guestPod, nameSuffix, type Guest } from "../guest/guest-pod.ts";
import { cpusOf, guestMemoryOf, launcherResources } from "./launcher-resources.ts";
import { VIRTUAL_MACHINE_INSTANCES, type InstanceSpec, type VirtualMachineInstance } from "./resources.ts";

/** The label that KubeVirt gives its launcher pods, and its value. */
export const LAUNCHER_LABEL = "kubevirt.io";
export const LAUNCHER_LABEL_VALUE = "virt-launcher";

const DEFAULT_PORTS = [8080];
/** KubeVirt's own default. */
const DEFAULT_GRACE_SECONDS = 180;

/** The name of an instance's launcher pod: one for each instance that ever was. */
export function launcherName({ metadata }: VirtualMachineInstance): string {
  return `virt-launcher-${metadata.name}-${nameSuffix(metadata.uid ?? "")}`;
}

/** The launcher pod of an instance, with the instance's own labels so that Services find it. */
export function launcherPod(instance: VirtualMachineInstance, image: string, quotas: readonly ResourceQuota[]): Pod {
  const { name, namespace = "", labels, uid = "" } = instance.metadata;
  const { requests, limits } = launcherResources(instance.spec, quotas);
  return guestPod(
    guestOf(name, instance.spec),
    {
      name: launcherName(instance),
      namespace,
      labels: {
        ...labels,
        [LAUNCHER_LABEL]: LAUNCHER_LABEL_VALUE,
        "kubevirt.io/created-by": uid,
        "vm.kubevirt.io/name": name,
      },
      owner: controllerRef(VIRTUAL_MACHINE_INSTANCES, instance),
    },
    { image, requests, limits },
  );
}

function guestOf(name: string, spec: InstanceSpec): Guest {
  const ports = (spec.domain.devices.interfaces ?? []).flatMap((device) =>
    (device.ports ?? []).map(({ port }) => port),
  );
  return {
    name,
    cpus: cpusOf(spec),
    memoryMiB: Number.parseInt(String(guestMemoryOf(spec).part(1, 1_048_576, Quantity.parse("1"))), 10),
    ports: ports.length === 0 ? DEFAULT_PORTS : ports,
    keys: [],
    keySecrets: (spec.accessCredentials ?? []).flatMap(
      ({ sshPublicKey }) => sshPublicKey?.source?.secret?.secretName ?? [],
    ),
    userData: userDataOf(spec),
    graceSeconds: spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS,
  };
}

function userDataOf({ volumes = [] }: InstanceSpec): Guest["userData"] {
  const seed = volumes.find(({ cloudInitNoCloud }) => cloudInitNoCloud !== undefined)?.cloudInitNoCloud;
  if (seed?.userData !== undefined) return { text: seed.userData };
  if (seed?.userDataBase64 !== undefined) {
    return { text: Buffer.from(seed.userDataBase64, "base64").toString("utf8") };
  }
  return seed?.secretRef === undefined ? undefined : { secret: seed.secretRef.name, key: "userdata" };
}
