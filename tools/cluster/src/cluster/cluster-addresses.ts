/** The network identity of a cluster on this machine, derived from a small number that is its own. */
export interface ClusterAddresses {
  readonly index: number;
  /** The machine's end of the link to the node. */
  readonly hostAddress: string;
  /** The node's end: the only addresses of the cluster that the machine routes to. */
  readonly nodeAddress: string;
  readonly prefixLength: number;
  /** Name of the machine's end of the veth pair. */
  readonly hostInterface: string;
}

/** The range of all pods. The same in every cluster: no cluster sees another's. */
export const POD_CIDR = "10.244.0.0/16";

/** The most clusters at once. */
export const MAX_CLUSTERS = 64;

/** The addresses of the cluster number `index` (0…63): a /30 of 10.213.0.0/24 each. */
export function clusterAddresses(index: number): ClusterAddresses {
  const first = index * 4;
  return {
    index,
    hostAddress: `10.213.0.${first + 1}`,
    nodeAddress: `10.213.0.${first + 2}`,
    prefixLength: 30,
    hostInterface: `carrel${index}`,
  };
}

/** The lowest index that is not taken; undefined when all are. */
export function freeIndex(taken: Iterable<number>): number | undefined {
  const used = new Set(taken);
  for (let index = 0; index < MAX_CLUSTERS; index++) if (!used.has(index)) return index;
  return undefined;
}
