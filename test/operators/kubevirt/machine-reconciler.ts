import type { Condition } from "@carrel/api";
import {
  addFinalizerPatch,
  controllerRef,
  hasFinalizer,
  isAlreadyExists,
  isConflict,
  isForbidden,
  isNamespaceTerminating,
  isNotFound,
  isOwnedBy,
  setCondition,
  type KubeClient,
  type ReadonlyStore,
} from "@carrel/kube";
import { systemClock } from "@carrel/std";
import { removeFinalizer } from "../guest/remove-finalizer.ts";
import { writeStatus } from "../guest/write-status.ts";
import {
  INSTANCE_FINALIZER,
  MACHINE_FINALIZER,
  VIRTUAL_MACHINE_INSTANCES,
  VIRTUAL_MACHINES,
  type VirtualMachine,
  type VirtualMachineInstance,
} from "./resources.ts";
import { planRun, printableStatus, runStrategyOf } from "./run-plan.ts";

export interface MachineReconcilerOptions {
  readonly client: KubeClient;
  readonly machines: ReadonlyStore<VirtualMachine>;
  readonly instances: ReadonlyStore<VirtualMachineInstance>;
}

/** A refused instance is tried again after this long. */
const RETRY_MS = 2_000;

/** Stand-in for virt-controller's VirtualMachine controller: a machine has the instance that its run strategy wants. */
export class MachineReconciler {
  readonly #options: MachineReconcilerOptions;

  constructor(options: MachineReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(key: string, signal: AbortSignal): Promise<{ requeueAfterMs: number } | undefined> {
    const { client, machines, instances } = this.#options;
    const machine = machines.get(key);
    if (machine === undefined) return undefined;
    const { namespace = "", name, uid = "", deletionTimestamp, generation } = machine.metadata;
    const found = instances.get(key);
    const instance = found !== undefined && isOwnedBy(found, uid) ? found : undefined;

    if (deletionTimestamp === undefined && !hasFinalizer(machine, MACHINE_FINALIZER)) {
      await client.jsonPatch(VIRTUAL_MACHINES, name, addFinalizerPatch(machine, MACHINE_FINALIZER) ?? [], {
        namespace,
        signal,
      });
      return undefined;
    }
    if (deletionTimestamp !== undefined && instance === undefined) {
      await removeFinalizer(client, VIRTUAL_MACHINES, machine, MACHINE_FINALIZER);
      return undefined;
    }
    const refusal = await this.#run(machine, instance, signal);
    const ready = instance?.status?.conditions?.find(({ type }) => type === "Ready");
    await writeStatus(
      client,
      VIRTUAL_MACHINES,
      machine,
      {
        created: instance !== undefined,
        ready: ready?.status === "True",
        printableStatus: printableStatus(machine, instance),
        runStrategy: runStrategyOf(machine),
        conditions: [...(instance?.status?.conditions ?? []), ...failure(machine, refusal)],
        ...(generation === undefined ? {} : { observedGeneration: generation }),
      },
      signal,
    );
    return refusal === undefined ? undefined : { requeueAfterMs: RETRY_MS };
  }

  /** @returns why the instance was refused, if it was. */
  async #run(
    machine: VirtualMachine,
    instance: VirtualMachineInstance | undefined,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const { client } = this.#options;
    const { namespace = "", name } = machine.metadata;
    switch (planRun(machine, instance)) {
      case "create":
        try {
          await client.create(VIRTUAL_MACHINE_INSTANCES, instanceOf(machine), { namespace, signal });
        } catch (error) {
          // The cache lags, or the namespace is on its way out: then the machine is too.
          if (isAlreadyExists(error) || isNamespaceTerminating(error)) return undefined;
          // A quota of instances, or a webhook: told in the status, as KubeVirt does.
          if (isForbidden(error)) return error.message;
          throw error;
        }
        return undefined;
      case "delete":
        try {
          await client.delete(VIRTUAL_MACHINE_INSTANCES, name, { namespace, uid: instance?.metadata.uid, signal });
        } catch (error) {
          if (!isNotFound(error) && !isConflict(error)) throw error;
        }
        return undefined;
      case "keep":
        return undefined;
    }
  }
}

/** KubeVirt's condition of a machine that cannot have its instance. */
function failure({ status }: VirtualMachine, message: string | undefined): readonly Condition[] {
  if (message === undefined) return [];
  const before = (status?.conditions ?? []).filter(({ type }) => type === "Failure");
  return setCondition(before, { type: "Failure", status: "True", reason: "FailedCreate", message }, systemClock);
}

function instanceOf(machine: VirtualMachine): VirtualMachineInstance {
  const { name, namespace = "" } = machine.metadata;
  const { template } = machine.spec;
  return {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachineInstance",
    metadata: {
      name,
      namespace,
      labels: { ...template.metadata?.labels, "kubevirt.io/vm": name },
      finalizers: [INSTANCE_FINALIZER],
      ownerReferences: [controllerRef(VIRTUAL_MACHINES, machine)],
    },
    spec: template.spec,
  };
}
