import {
  controllerOf,
  Manager,
  objectKey,
  PODS,
  watching,
  type KubeClient,
  type KubeObject,
  type Logger,
} from "@carrel/kube";
import { InstanceReconciler } from "./kubevirt/instance-reconciler.ts";
import { LAUNCHER_LABEL, LAUNCHER_LABEL_VALUE } from "./kubevirt/launcher-pod.ts";
import { MachineReconciler as KubevirtMachineReconciler } from "./kubevirt/machine-reconciler.ts";
import * as kubevirt from "./kubevirt/resources.ts";
import { MachineReconciler } from "./vmoperator/machine-reconciler.ts";
import * as vmoperator from "./vmoperator/resources.ts";
import { selects, ServiceReconciler } from "./vmoperator/service-reconciler.ts";
import { OF_NAME, OF_NAMESPACE, type VsphereSettings } from "./vmoperator/vsphere-guest.ts";

export interface BuildStandInOptions {
  readonly client: KubeClient;
  readonly logger: Logger;
  readonly vsphere: VsphereSettings;
}

/** The stand-in of both operators: one process, one replica, no election. */
export function buildStandIn({ client, logger, vsphere }: BuildStandInOptions): Manager {
  const manager = new Manager({ client, logger });
  addKubevirt(manager, vsphere.image);
  addVmOperator(manager, vsphere);
  return manager;
}

function addKubevirt(manager: Manager, image: string): void {
  const { client } = manager;
  const machines = manager.informer(kubevirt.VIRTUAL_MACHINES);
  const instances = manager.informer(kubevirt.VIRTUAL_MACHINE_INSTANCES);
  const pods = manager.informer(PODS, { labelSelector: `${LAUNCHER_LABEL}=${LAUNCHER_LABEL_VALUE}` });
  const machineReconciler = new KubevirtMachineReconciler({
    client,
    machines: machines.store,
    instances: instances.store,
  });
  const instanceReconciler = new InstanceReconciler({ client, instances: instances.store, pods: pods.store, image });
  manager.addController({
    name: "kubevirt-machines",
    reconcile: (key, signal) => machineReconciler.reconcile(key, signal),
    watches: [watching(machines, ownKey), watching(instances, ownKey)],
  });
  manager.addController({
    name: "kubevirt-instances",
    reconcile: (key, signal) => instanceReconciler.reconcile(key, signal),
    watches: [watching(instances, ownKey), watching(pods, ownerKey)],
  });
}

function addVmOperator(manager: Manager, vsphere: VsphereSettings): void {
  const { client } = manager;
  const machines = manager.informer(vmoperator.VIRTUAL_MACHINES);
  const classes = manager.informer(vmoperator.VIRTUAL_MACHINE_CLASSES);
  const images = manager.informer(vmoperator.CLUSTER_IMAGES);
  const services = manager.informer(vmoperator.VIRTUAL_MACHINE_SERVICES);
  const guests = manager.informer(PODS, { namespace: vsphere.namespace, labelSelector: OF_NAME });
  const machineReconciler = new MachineReconciler({
    client,
    machines: machines.store,
    classes: classes.store,
    images: images.store,
    guests: guests.store,
    vsphere,
  });
  const serviceReconciler = new ServiceReconciler({ client, services: services.store, machines: machines.store });
  const allMachines = (): string[] => [...machines.store.list()].map(objectKey);
  manager.addController({
    name: "vmoperator-machines",
    reconcile: (key, signal) => machineReconciler.reconcile(key, signal),
    watches: [
      watching(machines, ownKey),
      watching(classes, allMachines),
      watching(images, allMachines),
      watching(guests, ({ metadata: { labels } }) => [`${labels?.[OF_NAMESPACE]}/${labels?.[OF_NAME]}`]),
    ],
  });
  manager.addController({
    name: "vmoperator-services",
    reconcile: (key, signal) => serviceReconciler.reconcile(key, signal),
    watches: [
      watching(services, ownKey),
      watching(machines, (machine) =>
        [...services.store.list()].filter((service) => selects(service, machine)).map(objectKey),
      ),
    ],
  });
}

function ownKey(object: KubeObject): readonly string[] {
  return [objectKey(object)];
}

/** The key of the object that controls another: they are in one namespace. */
function ownerKey(object: KubeObject): readonly string[] {
  const owner = controllerOf(object);
  return owner === undefined ? [] : [`${object.metadata.namespace}/${owner.name}`];
}
