import { POD_CIDR } from "./cluster-addresses.ts";
import type { ClusterPaths } from "./cluster-paths.ts";

/** The name of our own CNI plugin in the plugin directory: `carrel-node`, which becomes it without arguments. */
export const POLICY_PLUGIN = "carrel-network-policy";

/** The plugins of Debian that the chain runs. */
export const CNI_PLUGINS: readonly string[] = ["ptp", "host-local", "portmap", "loopback"];

/**
 * The network of pods. ptp gives each pod its own veth and route: all its packets pass the node's forward hook, where
 * policies are enforced (a bridge would pass packets between pods by). Ours comes last and lets no pod start before
 * its rules are in the kernel.
 */
export function cniConfig(paths: ClusterPaths): object {
  return {
    cniVersion: "1.0.0",
    name: paths.cgroup,
    plugins: [
      {
        type: "ptp",
        ipMasq: false,
        ipam: {
          type: "host-local",
          dataDir: paths.cniAddresses,
          ranges: [[{ subnet: POD_CIDR }]],
          routes: [{ dst: "0.0.0.0/0" }],
        },
      },
      { type: "portmap", capabilities: { portMappings: true } },
      { type: POLICY_PLUGIN, socket: paths.networkPolicySocket },
    ],
  };
}
