import type { Condition } from "@carrel/api";
import { resource, type KubeObject } from "@carrel/kube";

/** KubeVirt's own finalizer of a VirtualMachine. */
export const MACHINE_FINALIZER = "kubevirt.io/virtualMachineControllerFinalize";
/** KubeVirt's own finalizer of a VirtualMachineInstance. */
export const INSTANCE_FINALIZER = "kubevirt.io/foregroundDeleteVirtualMachine";

export type RunStrategy = "Always" | "RerunOnFailure" | "Manual" | "Once" | "Halted";

/** What the stand-in reads of a VirtualMachineInstance's specification. */
export interface InstanceSpec {
  readonly domain: {
    readonly cpu?: { readonly cores?: number; readonly sockets?: number; readonly threads?: number };
    readonly memory?: { readonly guest?: string };
    readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
    readonly devices: {
      readonly interfaces?: readonly { readonly name: string; readonly ports?: readonly { readonly port: number }[] }[];
    };
  };
  readonly networks?: readonly { readonly name: string }[];
  readonly volumes?: readonly {
    readonly name: string;
    readonly cloudInitNoCloud?: {
      readonly userData?: string;
      readonly userDataBase64?: string;
      readonly secretRef?: { readonly name: string };
    };
  }[];
  readonly accessCredentials?: readonly {
    readonly sshPublicKey?: { readonly source?: { readonly secret?: { readonly secretName: string } } };
  }[];
  readonly terminationGracePeriodSeconds?: number;
}

export interface VirtualMachine extends KubeObject {
  readonly spec: {
    readonly running?: boolean;
    readonly runStrategy?: RunStrategy;
    readonly template: {
      readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
      readonly spec: InstanceSpec;
    };
  };
  readonly status?: {
    readonly created?: boolean;
    readonly ready?: boolean;
    readonly printableStatus?: string;
    readonly runStrategy?: RunStrategy;
    readonly observedGeneration?: number;
    readonly conditions?: readonly Condition[];
  };
}

export type InstancePhase = "Pending" | "Scheduling" | "Running" | "Succeeded" | "Failed";

export interface VirtualMachineInstance extends KubeObject {
  readonly spec: InstanceSpec;
  readonly status?: {
    readonly phase?: InstancePhase;
    readonly nodeName?: string;
    readonly interfaces?: readonly {
      readonly name: string;
      readonly ipAddress: string;
      readonly ipAddresses: readonly string[];
    }[];
    readonly conditions?: readonly Condition[];
  };
}

export const VIRTUAL_MACHINES = resource<VirtualMachine>("kubevirt.io/v1", "VirtualMachine", "virtualmachines");
export const VIRTUAL_MACHINE_INSTANCES = resource<VirtualMachineInstance>(
  "kubevirt.io/v1",
  "VirtualMachineInstance",
  "virtualmachineinstances",
);
