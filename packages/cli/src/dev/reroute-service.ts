import { ENDPOINT_SLICES, resource, SERVICES, type KubeClient, type Service } from "@carrel/kube";
import { SYSTEM_NAMESPACE } from "../install/install-chart.ts";
import { waitUntil } from "./wait-until.ts";

/** Where a Service shall lead. */
export interface RouteTarget {
  readonly address: string;
  /** Name of the Service's port. */
  readonly portName: string;
  readonly port: number;
}

const ENDPOINTS = resource("v1", "Endpoints", "endpoints");
/** Remembers the selector of a Service that leads to `carrel dev`. */
const SELECTOR_ANNOTATION = "carrel.dev/dev-selector";

/** How long two controllers may take to follow. */
const ROUTE_TIMEOUT_MS = 30_000;

type Selector = Readonly<Record<string, string>>;

/** The selector to put back: the present one, or, after a `carrel dev` that was killed, the remembered one. Pure. */
export function selectorToRestore({ spec, metadata }: Service): Selector | undefined {
  if (spec.selector !== undefined && Object.keys(spec.selector).length > 0) return spec.selector;
  const remembered = metadata.annotations?.[SELECTOR_ANNOTATION];
  return remembered === undefined ? undefined : (JSON.parse(remembered) as Selector);
}

/**
 * Leads a Service of Carrel to an address outside of the pods, under the name and certificate that everybody knows: the
 * webhook configurations and node ports stay as they are.
 *
 * The Service loses its selector, and Endpoints of its own name take the place of its pods. It is undone by the selector
 * alone, which `carrel up` (Helm) restores too: the endpoints controller then owns the Endpoints of that name again. A
 * slice of ours beside the controller's would outlive a crash and swallow every second request.
 */
export async function reroute(
  client: KubeClient,
  service: Service,
  { address, portName, port }: RouteTarget,
  signal: AbortSignal,
): Promise<void> {
  const options = { namespace: SYSTEM_NAMESPACE, signal };
  const { name } = service.metadata;
  const annotations = { [SELECTOR_ANNOTATION]: JSON.stringify(selectorToRestore(service)) };
  await client.mergePatch(SERVICES, name, { metadata: { annotations }, spec: { selector: null } }, options);
  const subsets = [{ addresses: [{ ip: address }], ports: [{ name: portName, port, protocol: "TCP" }] }];
  await waitUntil(`Service ${name} leads to ${address}`, { timeoutMs: ROUTE_TIMEOUT_MS, signal }, async () => {
    // Again each time: the endpoints controller may have been about to write the end of the pods.
    await client.mergePatch(ENDPOINTS, name, { subsets }, options);
    const labelSelector = `kubernetes.io/service-name=${name}`;
    const { items } = await client.list(ENDPOINT_SLICES, { ...options, labelSelector });
    // The controller writes `endpoints: null` when it has none.
    return items.some(({ endpoints }) => endpoints?.some(({ addresses }) => addresses.includes(address)) ?? false);
  });
}

/** Leads a Service to its pods again. */
export async function routeBack(client: KubeClient, service: Service, signal: AbortSignal): Promise<void> {
  const selector = selectorToRestore(service);
  if (selector === undefined) return;
  const change = { metadata: { annotations: { [SELECTOR_ANNOTATION]: null } }, spec: { selector } };
  await client.mergePatch(SERVICES, service.metadata.name, change, { namespace: SYSTEM_NAMESPACE, signal });
}
