import type { Condition } from "@carrel/api";
import { resource, type KubeObject } from "@carrel/kube";

/** VM Operator's own finalizer: while it is there, the machine in vSphere may be too. */
export const MACHINE_FINALIZER = "vmoperator.vmware.com/virtualmachine";
/** Annotations below it keep a machine from being deleted. */
export const DELETE_CHECK = "delete.check.vmoperator.vmware.com/";

export interface VirtualMachine extends KubeObject {
  readonly spec: {
    readonly className?: string;
    readonly imageName?: string;
    readonly image?: { readonly kind: string; readonly name: string };
    /** v1alpha1 writes it with a small first letter. */
    readonly powerState?: string;
    readonly bootstrap?: {
      readonly cloudInit?: {
        readonly sshAuthorizedKeys?: readonly string[];
        readonly rawCloudConfig?: { readonly name: string; readonly key?: string };
      };
    };
    readonly network?: { readonly hostName?: string };
  };
  readonly status?: {
    readonly powerState?: string;
    readonly uniqueID?: string;
    readonly network?: { readonly primaryIP4: string };
    /** v1alpha1's word for the address. */
    readonly vmIp?: string;
    readonly conditions?: readonly Condition[];
  };
}

export interface VirtualMachineClass extends KubeObject {
  readonly spec?: { readonly hardware?: { readonly cpus?: number; readonly memory?: string } };
}

export interface VirtualMachineService extends KubeObject {
  readonly spec: {
    readonly type: "ClusterIP" | "LoadBalancer" | "ExternalName";
    readonly selector?: Readonly<Record<string, string>>;
    readonly ports?: readonly {
      readonly name: string;
      readonly protocol: "TCP" | "UDP" | "SCTP";
      readonly port: number;
      readonly targetPort: number;
    }[];
  };
}

const VERSION = "vmoperator.vmware.com/v1alpha4";
export const VIRTUAL_MACHINES = resource<VirtualMachine>(VERSION, "VirtualMachine", "virtualmachines");
export const VIRTUAL_MACHINE_CLASSES = resource<VirtualMachineClass>(
  VERSION,
  "VirtualMachineClass",
  "virtualmachineclasses",
);
export const CLUSTER_IMAGES = resource(VERSION, "ClusterVirtualMachineImage", "clustervirtualmachineimages", false);
export const VIRTUAL_MACHINE_SERVICES = resource<VirtualMachineService>(
  VERSION,
  "VirtualMachineService",
  "virtualmachineservices",
);
