import {
  addFinalizerPatch,
  findObject,
  hasFinalizer,
  isAlreadyExists,
  PODS,
  SECRETS,
  setCondition,
  type KubeClient,
  type KubeObject,
  type Pod,
  type ReadonlyStore,
} from "@carrel/kube";
import { systemClock } from "@carrel/std";
import { observeGuest, type ObservedGuest } from "../guest/observe-guest.ts";
import { removeFinalizer } from "../guest/remove-finalizer.ts";
import { stopGuest } from "../guest/stop-guest.ts";
import { writeStatus } from "../guest/write-status.ts";
import { conditionsOf, seenPower, wantedPower, type Unresolved } from "./observe-machine.ts";
import {
  DELETE_CHECK,
  MACHINE_FINALIZER,
  VIRTUAL_MACHINES,
  type VirtualMachine,
  type VirtualMachineClass,
} from "./resources.ts";
import { guestName, vsphereGuest, type VsphereSettings } from "./vsphere-guest.ts";

export interface MachineReconcilerOptions {
  readonly client: KubeClient;
  readonly machines: ReadonlyStore<VirtualMachine>;
  readonly classes: ReadonlyStore<VirtualMachineClass>;
  readonly images: ReadonlyStore<KubeObject>;
  /** Pods of the namespace that stands for vSphere. */
  readonly guests: ReadonlyStore<Pod>;
  readonly vsphere: VsphereSettings;
}

interface Resolved {
  readonly unresolved: readonly Unresolved[];
  readonly machineClass: VirtualMachineClass | undefined;
  readonly userData: string | undefined;
}

/** A Secret that a machine waits for is looked for again after this long. */
const RETRY_MS = 2_000;

/** Stand-in for VM Operator's machine controller: the guest runs outside the session, and goes before the finalizer. */
export class MachineReconciler {
  readonly #options: MachineReconcilerOptions;

  constructor(options: MachineReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(key: string, signal: AbortSignal): Promise<{ requeueAfterMs: number } | undefined> {
    const { client, machines, guests, vsphere } = this.#options;
    const machine = machines.get(key);
    if (machine === undefined) return undefined;
    const { namespace = "", name, deletionTimestamp } = machine.metadata;
    const pod = guests.get(`${vsphere.namespace}/${guestName(machine)}`);
    if (deletionTimestamp !== undefined) {
      await this.#delete(machine, pod, signal);
      return undefined;
    }
    if (!hasFinalizer(machine, MACHINE_FINALIZER)) {
      const patch = addFinalizerPatch(machine, MACHINE_FINALIZER) ?? [];
      await client.jsonPatch(VIRTUAL_MACHINES, name, patch, { namespace, signal });
      return undefined;
    }
    const resolved = await this.#resolve(machine, signal);
    const guest = observeGuest(pod);
    await this.#power(machine, pod, resolved, signal);
    await this.#report(machine, guest, resolved.unresolved, signal);
    return resolved.unresolved.length === 0 ? undefined : { requeueAfterMs: RETRY_MS };
  }

  async #delete(machine: VirtualMachine, pod: Pod | undefined, signal: AbortSignal): Promise<void> {
    const checks = Object.keys(machine.metadata.annotations ?? {}).filter((key) => key.startsWith(DELETE_CHECK));
    // Somebody holds the machine: its guest goes on, as the real one would.
    if (checks.length > 0) return;
    if (await stopGuest(this.#options.client, pod, signal)) {
      await removeFinalizer(this.#options.client, VIRTUAL_MACHINES, machine, MACHINE_FINALIZER);
    }
  }

  async #resolve(machine: VirtualMachine, signal: AbortSignal): Promise<Resolved> {
    const { client, classes, images } = this.#options;
    const { namespace = "" } = machine.metadata;
    const { className = "", image, imageName = image?.name ?? "", bootstrap } = machine.spec;
    const unresolved: Unresolved[] = [];
    const machineClass = classes.get(`${namespace}/${className}`);
    if (machineClass === undefined) {
      const message = `VirtualMachineClass "${className}" not found in ${namespace}`;
      unresolved.push({ condition: "VirtualMachineClassReady", message });
    }
    if (images.get(imageName) === undefined) {
      const message = `no VirtualMachineImage "${imageName}"`;
      unresolved.push({ condition: "VirtualMachineImageReady", message });
    }
    const raw = bootstrap?.cloudInit?.rawCloudConfig;
    if (raw === undefined) return { unresolved, machineClass, userData: undefined };
    const secret = await findObject(client, SECRETS, raw.name, { namespace, signal });
    const userData = secret?.data?.[raw.key ?? "user-data"];
    if (userData === undefined) {
      const message = `Secret "${raw.name}" has no key ${raw.key ?? "user-data"}`;
      unresolved.push({ condition: "VirtualMachineBootstrapReady", message });
    }
    return {
      unresolved,
      machineClass,
      userData: userData === undefined ? undefined : Buffer.from(userData, "base64").toString("utf8"),
    };
  }

  async #power(
    machine: VirtualMachine,
    pod: Pod | undefined,
    { unresolved, machineClass, userData }: Resolved,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, vsphere } = this.#options;
    const { state } = observeGuest(pod);
    const on = wantedPower(machine) === "PoweredOn";
    // A guest that went down by itself is taken away, and then powered on again.
    if (pod !== undefined && (!on || state === "ended" || state === "failed")) {
      await stopGuest(client, pod, signal);
      return;
    }
    if (pod !== undefined || !on || unresolved.length > 0 || machineClass === undefined) return;
    try {
      const { namespace } = vsphere;
      await client.create(PODS, vsphereGuest(machine, machineClass, userData, vsphere), { namespace, signal });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }

  async #report(
    machine: VirtualMachine,
    guest: ObservedGuest,
    unresolved: readonly Unresolved[],
    signal: AbortSignal,
  ): Promise<void> {
    const conditions = conditionsOf(unresolved, guest).reduce(
      (list, condition) => setCondition(list, condition, systemClock),
      machine.status?.conditions ?? [],
    );
    const address = guest.ready && guest.ip !== undefined ? { network: { primaryIP4: guest.ip }, vmIp: guest.ip } : {};
    await writeStatus(
      this.#options.client,
      VIRTUAL_MACHINES,
      machine,
      { powerState: seenPower(guest, wantedPower(machine)), uniqueID: guestName(machine), ...address, conditions },
      signal,
    );
  }
}
