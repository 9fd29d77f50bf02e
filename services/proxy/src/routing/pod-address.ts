import { BlockList, isIP } from "node:net";
import type { Pod } from "@carrel/kube";

/** Which addresses may be dialled. */
export interface AddressPolicy {
  readonly refuses: (address: string) => boolean;
}

/** Never a pod's own: loopback, link-local (cloud metadata lives there), unspecified, multicast. */
const NEVER = [
  "127.0.0.0/8",
  "169.254.0.0/16",
  "0.0.0.0/8",
  "224.0.0.0/3",
  "::1/128",
  "::/128",
  "fe80::/10",
  "ff00::/8",
];

/**
 * A policy that refuses what is never a pod's own address, and the ranges given (the cluster's Services).
 * @throws TypeError for something that is no CIDR
 */
export function addressPolicy(refusedCidrs: readonly string[]): AddressPolicy {
  const list = new BlockList();
  for (const cidr of [...NEVER, ...refusedCidrs]) {
    const [network = "", prefix = ""] = cidr.split("/");
    const family = isIP(network);
    if (family === 0 || !/^\d{1,3}$/.test(prefix)) throw new TypeError(`"${cidr}" is not a CIDR`);
    list.addSubnet(network, Number(prefix), family === 6 ? "ipv6" : "ipv4");
  }
  return {
    refuses: (address) => {
      const family = isIP(address);
      return family === 0 || list.check(address, family === 6 ? "ipv6" : "ipv4");
    },
  };
}

/** The address of a pod that may be dialled: it runs, is ready, is not being deleted, and the address is its own. */
export function usableAddress(pod: Pod, policy: AddressPolicy): string | undefined {
  const { metadata, spec, status } = pod;
  const ready = status?.conditions?.some(({ type, status: state }) => type === "Ready" && state === "True") ?? false;
  if (!ready || status?.phase !== "Running" || metadata.deletionTimestamp !== undefined) return undefined;
  // The address would be the node's: everything that listens on the node would be within reach.
  if (spec.hostNetwork === true) return undefined;
  const address = status.podIP;
  return address === undefined || policy.refuses(address) ? undefined : address;
}
