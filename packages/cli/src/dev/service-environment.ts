import type { EnvVar } from "@carrel/kube";
import { addressesOf, type DevAddresses, type DevService } from "./dev-services.ts";
import { expandVariables } from "./expand-variables.ts";

export interface ServiceEnvironmentInput {
  readonly service: DevService;
  readonly addresses: DevAddresses;
  /** Variables of the service's container in its Deployment: what the chart configured stays as it is. */
  readonly container: readonly EnvVar[];
  /** Carrel's own namespace. */
  readonly namespace: string;
  /** ClusterIP of the Service `kubernetes`, which pods find in their environment. */
  readonly kubernetesAddress: string;
  /** `nats://HOST:PORT` as it is reached from outside of the cluster. */
  readonly nats: string;
  readonly kubeconfigPath: string;
  /** Only for a service with a NATS user. */
  readonly natsPasswordPath: string | undefined;
}

/** A service that is restarted on every change should not wait long for those who are still connected. */
const SHUTDOWN_TIMEOUT_MS = 5000;

/** The variables of a service that runs from source: those of its Deployment, and what is different out here. Pure. */
export function serviceEnvironment(input: ServiceEnvironmentInput): Record<string, string> {
  const { service, addresses, natsPasswordPath } = input;
  const { serving, probes } = addressesOf(service, addresses);
  const { serves } = service;
  return {
    ...expandVariables(input.container, { KUBERNETES_SERVICE_HOST: input.kubernetesAddress }),
    CARREL_NAMESPACE: input.namespace,
    CARREL_IDENTITY: `dev-${service.name}`,
    CARREL_KUBECONFIG: input.kubeconfigPath,
    CARREL_PROBES_HOST: probes,
    CARREL_PROBES_PORT: String(service.probesPort),
    CARREL_SHUTDOWN_TIMEOUT_MS: String(SHUTDOWN_TIMEOUT_MS),
    ...(natsPasswordPath === undefined
      ? {}
      : { CARREL_NATS_SERVERS: input.nats, CARREL_NATS_PASSWORD_FILE: natsPasswordPath }),
    ...(serves === undefined ? {} : { [serves.hostVariable]: serving, [serves.portVariable]: String(serves.port) }),
  };
}

/** True for a container that connects to NATS with a user of its own. */
export function usesNats(container: readonly EnvVar[]): boolean {
  return container.some(({ name }) => name === "CARREL_NATS_USER");
}
