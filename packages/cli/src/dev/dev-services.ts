/** A service that `carrel dev` runs from source. */
export interface DevService {
  readonly name: "provisioner" | "webhook" | "proxy" | "reaper";
  /** Where the process runs: on this machine, or in the node's network, from which pods are reached. */
  readonly network: "machine" | "node";
  /** Port of its probes and metrics, at {@link addressesOf}. */
  readonly probesPort: number;
  /** What the cluster calls: the Kubernetes Service, its port's name, and the variables that make the process listen. */
  readonly serves?: {
    readonly service: string;
    readonly portName: string;
    readonly port: number;
    readonly hostVariable: string;
    readonly portVariable: string;
  };
}

/** The four services. Ports are fixed, so that bookmarks and scrapers survive a restart. */
export const DEV_SERVICES: readonly DevService[] = [
  { name: "provisioner", network: "machine", probesPort: 18181 },
  {
    name: "webhook",
    network: "machine",
    probesPort: 18182,
    serves: {
      service: "carrel-webhook",
      portName: "admission",
      port: 18443,
      hostVariable: "CARREL_HOST",
      portVariable: "CARREL_PORT",
    },
  },
  {
    name: "proxy",
    network: "node",
    probesPort: 18183,
    serves: {
      service: "carrel-proxy",
      portName: "http",
      port: 18080,
      hostVariable: "CARREL_LISTEN_HOST",
      portVariable: "CARREL_LISTEN_PORT",
    },
  },
  { name: "reaper", network: "machine", probesPort: 18184 },
];

/** Addresses that processes of a network listen at. */
export interface DevAddresses {
  /** Of this machine, as the cluster sees it. */
  readonly hostAddress: string;
  /** Of the node. */
  readonly nodeAddress: string;
}

/** Where a service listens: `serving` for the cluster, `probes` for this machine. */
export function addressesOf(
  { network }: DevService,
  { hostAddress, nodeAddress }: DevAddresses,
): { readonly serving: string; readonly probes: string } {
  return network === "node"
    ? { serving: nodeAddress, probes: nodeAddress }
    : { serving: hostAddress, probes: "127.0.0.1" };
}
