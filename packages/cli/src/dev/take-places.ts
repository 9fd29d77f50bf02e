import { DEPLOYMENTS, isNotFound, SERVICES, type Deployment, type KubeClient, type Service } from "@carrel/kube";
import { CarrelError, deadlineSignal } from "@carrel/std";
import { SYSTEM_NAMESPACE } from "../install/install-chart.ts";
import { addressesOf, type DevAddresses, type DevService } from "./dev-services.ts";
import { scaleBack, scaleToNothing, untilAvailable } from "./replace-deployment.ts";
import { reroute, routeBack } from "./reroute-service.ts";

/** How long putting everything back may take, also after an interrupt. */
const RESTORE_TIMEOUT_MS = 180_000;

/** A service as the cluster has it. */
export interface Place {
  readonly service: DevService;
  readonly deployment: Deployment;
  readonly entrance: Service | undefined;
}

/**
 * Finds what runs the services in the cluster.
 *
 * @throws CarrelError `NOT_INSTALLED` when Carrel is not there.
 */
export async function findPlaces(
  client: KubeClient,
  services: readonly DevService[],
  signal: AbortSignal,
): Promise<Place[]> {
  const options = { namespace: SYSTEM_NAMESPACE, signal };
  try {
    return await Promise.all(
      services.map(async (service) => ({
        service,
        deployment: await client.get(DEPLOYMENTS, `carrel-${service.name}`, options),
        entrance:
          service.serves === undefined ? undefined : await client.get(SERVICES, service.serves.service, options),
      })),
    );
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new CarrelError("NOT_INSTALLED", "Carrel is not installed on that cluster: ./carrel up", { cause: error });
  }
}

/**
 * Takes services out of the cluster and leads those who call them to processes outside of pods. Disposing puts all of it
 * back and waits until the cluster's own services are ready. Whatever was changed carries what it was: the next
 * `carrel dev` or `carrel up` restores it after a crash.
 */
export async function takePlaces(
  client: KubeClient,
  places: readonly Place[],
  addresses: DevAddresses,
  signal: AbortSignal,
): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  stack.defer(() => giveBack(client, places));
  await Promise.all(places.map(({ deployment }) => scaleToNothing(client, deployment, signal)));
  for (const { service, entrance } of places) {
    if (entrance === undefined || service.serves === undefined) continue;
    const { port, portName } = service.serves;
    await reroute(client, entrance, { address: addressesOf(service, addresses).serving, port, portName }, signal);
  }
  return stack.move();
}

async function giveBack(client: KubeClient, places: readonly Place[]): Promise<void> {
  // With a signal of its own: an interrupt is why we are here.
  const signal = deadlineSignal(RESTORE_TIMEOUT_MS);
  for (const { entrance } of places) if (entrance !== undefined) await routeBack(client, entrance, signal);
  await Promise.all(places.map(({ deployment }) => scaleBack(client, deployment, signal)));
  await Promise.all(places.map(({ deployment }) => untilAvailable(client, deployment.metadata.name, signal)));
}
