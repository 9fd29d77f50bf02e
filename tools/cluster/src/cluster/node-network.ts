import { readFile } from "node:fs/promises";
import { runCommand } from "../process/run-command.ts";
import { type ClusterAddresses, POD_CIDR } from "./cluster-addresses.ts";
import type { ClusterPaths } from "./cluster-paths.ts";

/** Settings of the node's network namespace. */
const SYSCTLS = [
  "net/ipv4/ip_forward=1",
  // Every pod has a route of its own, so a pod cannot send with another's address.
  "net/ipv4/conf/all/rp_filter=1",
  "net/ipv4/conf/default/rp_filter=1",
  // These clusters have IPv4 only; a link-local address would be a way around the policies.
  "net/ipv6/conf/all/disable_ipv6=1",
  "net/ipv6/conf/default/disable_ipv6=1",
];

/**
 * Makes the network namespace of the node and its only link, a veth pair to this machine. The machine's own tables,
 * routes and bridges stay as they are, but for the link's /30.
 */
export async function createNodeNetwork(
  paths: ClusterPaths,
  addresses: ClusterAddresses,
  signal?: AbortSignal,
): Promise<void> {
  const namespace = paths.networkNamespace.slice(paths.networkNamespace.lastIndexOf("/") + 1);
  const { hostInterface, hostAddress, nodeAddress, prefixLength } = addresses;
  const ip = (...args: string[]): Promise<string> => runCommand("ip", args, { signal });
  await ip("netns", "add", namespace);
  await ip("link", "add", hostInterface, "type", "veth", "peer", "name", "uplink", "netns", namespace);
  await ip("address", "add", `${hostAddress}/${prefixLength}`, "dev", hostInterface);
  await ip("link", "set", hostInterface, "up");
  await inNodeNetwork(paths, ["sh", "-ec", SYSCTLS.map(writeCommand).join("\n")], { signal });
  await ip("-netns", namespace, "link", "set", "lo", "up");
  await ip("-netns", namespace, "address", "add", `${nodeAddress}/${prefixLength}`, "dev", "uplink");
  await ip("-netns", namespace, "link", "set", "uplink", "up");
  // Without a default route the kernel refuses Service addresses before kube-proxy's rules translate them.
  await ip("-netns", namespace, "route", "add", "default", "via", hostAddress);
  await inNodeNetwork(paths, ["nft", "-f", "-"], { signal, input: UPLINK_TABLE });
}

/** /proc/sys/net shows the settings of the network namespace of whoever opens it. */
function writeCommand(setting: string): string {
  const [path, value] = setting.split("=");
  return `echo ${value} > /proc/sys/${path}`;
}

/** The machine knows no route to pods: what they send to it comes from the node's address. */
const UPLINK_TABLE = `
table ip carrel_uplink {
  chain postrouting {
    type nat hook postrouting priority srcnat;
    oifname "uplink" ip saddr ${POD_CIDR} masquerade
  }
}`;

/** Runs a command inside the node's network namespace. */
export function inNodeNetwork(
  paths: ClusterPaths,
  command: readonly string[],
  options: { readonly input?: string; readonly signal?: AbortSignal | undefined } = {},
): Promise<string> {
  return runCommand("nsenter", [`--net=${paths.networkNamespace}`, "--", ...command], options);
}

/** Whether this machine already routes somewhere into the addresses of a cluster (another tool's network). */
export async function isAddressTaken(addresses: ClusterAddresses): Promise<boolean> {
  const table = await readFile("/proc/net/route", "utf8");
  const host = toNumber(addresses.hostAddress);
  return table
    .split("\n")
    .slice(1)
    .some((line) => {
      const [, destination, , , , , , mask] = line.split("\t");
      if (destination === undefined || mask === undefined || Number.parseInt(mask, 16) === 0) return false;
      const [network, netmask] = [swap(destination), swap(mask)];
      return (host & netmask) >>> 0 === network;
    });
}

function toNumber(address: string): number {
  return address.split(".").reduce((sum, part) => ((sum << 8) | Number(part)) >>> 0, 0);
}

/** /proc/net/route writes addresses as little-endian hexadecimal numbers. */
function swap(hexadecimal: string): number {
  return Buffer.from(hexadecimal.padStart(8, "0"), "hex").readUInt32LE();
}
