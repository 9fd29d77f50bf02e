import {
  addFinalizerPatch,
  hasFinalizer,
  isAlreadyExists,
  isForbidden,
  isNamespaceTerminating,
  isOwnedBy,
  PODS,
  RESOURCE_QUOTAS,
  setCondition,
  type KubeClient,
  type Pod,
  type ReadonlyStore,
} from "@carrel/kube";
import { systemClock } from "@carrel/std";
import { observeGuest } from "../guest/observe-guest.ts";
import { removeFinalizer } from "../guest/remove-finalizer.ts";
import { stopGuest } from "../guest/stop-guest.ts";
import { writeStatus } from "../guest/write-status.ts";
import { launcherName, launcherPod } from "./launcher-pod.ts";
import { observeInstance } from "./observe-instance.ts";
import { INSTANCE_FINALIZER, VIRTUAL_MACHINE_INSTANCES, type VirtualMachineInstance } from "./resources.ts";

export interface InstanceReconcilerOptions {
  readonly client: KubeClient;
  readonly instances: ReadonlyStore<VirtualMachineInstance>;
  readonly pods: ReadonlyStore<Pod>;
  /** The launcher's image. */
  readonly image: string;
}

/** A refused pod is tried again after this long: a quota may have room by then. */
const RETRY_MS = 2_000;

/** Stand-in for virt-controller's instance controller: an instance has one launcher pod, and ends when that has ended. */
export class InstanceReconciler {
  readonly #options: InstanceReconcilerOptions;

  constructor(options: InstanceReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(key: string, signal: AbortSignal): Promise<{ requeueAfterMs: number } | undefined> {
    const { client, instances, pods } = this.#options;
    const instance = instances.get(key);
    if (instance === undefined) return undefined;
    const { namespace = "", name, uid = "", deletionTimestamp } = instance.metadata;
    const found = pods.get(`${namespace}/${launcherName(instance)}`);
    const pod = found !== undefined && isOwnedBy(found, uid) ? found : undefined;

    if (deletionTimestamp !== undefined) {
      if (await stopGuest(client, pod, signal)) {
        await removeFinalizer(client, VIRTUAL_MACHINE_INSTANCES, instance, INSTANCE_FINALIZER);
      }
      return undefined;
    }
    if (!hasFinalizer(instance, INSTANCE_FINALIZER)) {
      const patch = addFinalizerPatch(instance, INSTANCE_FINALIZER) ?? [];
      await client.jsonPatch(VIRTUAL_MACHINE_INSTANCES, name, patch, { namespace, signal });
      return undefined;
    }
    const begins = [undefined, "Pending"].includes(instance.status?.phase);
    const refusal = pod === undefined && begins ? await this.#launch(instance, signal) : undefined;
    const observed = observeInstance(instance, observeGuest(pod), refusal);
    const conditions = observed.conditions.reduce(
      (list, condition) => setCondition(list, condition, systemClock),
      instance.status?.conditions ?? [],
    );
    await writeStatus(client, VIRTUAL_MACHINE_INSTANCES, instance, { ...observed.status, conditions }, signal);
    return refusal === undefined ? undefined : { requeueAfterMs: RETRY_MS };
  }

  /** Creates the launcher pod. @returns why it was refused, if it was. */
  async #launch(instance: VirtualMachineInstance, signal: AbortSignal): Promise<string | undefined> {
    const { client, image } = this.#options;
    const { namespace = "" } = instance.metadata;
    const quotas = await client.list(RESOURCE_QUOTAS, { namespace, signal });
    try {
      await client.create(PODS, launcherPod(instance, image, quotas.items), { namespace, signal });
    } catch (error) {
      if (isNamespaceTerminating(error) || isAlreadyExists(error)) return undefined;
      // Quota, Pod Security, a webhook: told in the status, as KubeVirt does.
      if (isForbidden(error)) return error.message;
      throw error;
    }
    return undefined;
  }
}
