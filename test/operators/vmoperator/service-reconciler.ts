import {
  controllerRef,
  ENDPOINT_SLICES,
  SERVICES,
  type EndpointSlice,
  type KubeClient,
  type ReadonlyStore,
  type Service,
} from "@carrel/kube";
import { VIRTUAL_MACHINE_SERVICES, type VirtualMachine, type VirtualMachineService } from "./resources.ts";

export interface ServiceReconcilerOptions {
  readonly client: KubeClient;
  readonly services: ReadonlyStore<VirtualMachineService>;
  readonly machines: ReadonlyStore<VirtualMachine>;
}

/** Stand-in for VM Operator's service controller, of ClusterIP alone: a Service whose endpoints are machines' addresses. */
export class ServiceReconciler {
  readonly #options: ServiceReconcilerOptions;

  constructor(options: ServiceReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(key: string, signal: AbortSignal): Promise<void> {
    const { client, services, machines } = this.#options;
    const service = services.get(key);
    if (service === undefined || service.metadata.deletionTimestamp !== undefined) return;
    if (service.spec.type !== "ClusterIP") return;
    const { namespace = "" } = service.metadata;
    const addresses = [...machines.list()].filter((machine) => selects(service, machine)).flatMap(addressOf);
    const options = { namespace, signal, force: true, fieldManager: "vm-operators-stand-in" };
    await client.apply(SERVICES, clusterService(service), options);
    await client.apply(ENDPOINT_SLICES, endpointSlice(service, addresses), options);
  }
}

/** True when a machine is one of those behind a service. */
export function selects({ metadata, spec }: VirtualMachineService, machine: VirtualMachine): boolean {
  const wanted = Object.entries(spec.selector ?? {});
  const { namespace, labels = {} } = machine.metadata;
  return namespace === metadata.namespace && wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
}

function addressOf({ status, metadata }: VirtualMachine): string[] {
  const ip = status?.network?.primaryIP4;
  return ip === undefined || metadata.deletionTimestamp !== undefined ? [] : [ip];
}

function clusterService(service: VirtualMachineService): Service {
  const { name, namespace = "" } = service.metadata;
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace, ownerReferences: [controllerRef(VIRTUAL_MACHINE_SERVICES, service)] },
    spec: {
      type: "ClusterIP",
      ports: (service.spec.ports ?? []).map((port) => ({ ...port })),
    },
  };
}

function endpointSlice(service: VirtualMachineService, addresses: readonly string[]): EndpointSlice {
  const { name, namespace = "" } = service.metadata;
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: `${name}-machines`,
      namespace,
      labels: {
        "kubernetes.io/service-name": name,
        "endpointslice.kubernetes.io/managed-by": "vm-operators-stand-in",
      },
      ownerReferences: [controllerRef(VIRTUAL_MACHINE_SERVICES, service)],
    },
    addressType: "IPv4",
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: (service.spec.ports ?? []).map(({ name: portName, protocol, targetPort }) => ({
      name: portName,
      protocol,
      port: targetPort,
    })),
  };
}
