import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AUDIT_POLICY } from "../api/audit-policy.ts";
import { issueCertificates } from "../certificates/issue-certificates.ts";
import { type Kubeconfig, writeKubeconfig } from "../certificates/kubeconfig.ts";
import { apiServerCertificates } from "../control-plane/api-server-certificates.ts";
import type { ClusterAddresses } from "./cluster-addresses.ts";
import type { ClusterPaths } from "./cluster-paths.ts";
import { CNI_PLUGINS, cniConfig, POLICY_PLUGIN } from "./cni-config.ts";
import { containerdConfig } from "./containerd-config.ts";
import { kubeProxyConfig } from "./kube-proxy-config.ts";
import { kubeletConfig } from "./kubelet-config.ts";
import { NETWORK_POLICY_USER } from "./system-manifests.ts";

/** The name of the one node. */
export const NODE_NAME = "node";

/** The clients of the API server that have a kubeconfig in `configs`, by its name. */
const CLIENTS = {
  admin: { user: "kubernetes-admin", groups: ["system:masters"] },
  "controller-manager": { user: "system:kube-controller-manager", groups: [] },
  scheduler: { user: "system:kube-scheduler", groups: [] },
  kubelet: { user: `system:node:${NODE_NAME}`, groups: ["system:nodes"] },
  "kube-proxy": { user: "system:kube-proxy", groups: [] },
  "network-policy": { user: NETWORK_POLICY_USER, groups: [] },
} as const;

/** The kubeconfig file of a component. */
export function kubeconfigOf(paths: ClusterPaths, client: keyof typeof CLIENTS): string {
  return join(paths.configs, `${client}.kubeconfig`);
}

/** The URL of a cluster's API server. */
export function serverUrl(addresses: ClusterAddresses): string {
  return `https://${addresses.nodeAddress}:6443`;
}

/** Writes every certificate, kubeconfig and configuration file of a cluster; gives the administrator's kubeconfig. */
export async function writeClusterConfigs(
  paths: ClusterPaths,
  addresses: ClusterAddresses,
  settings: { readonly pauseImage: string; readonly nodeProgram: string; readonly signal?: AbortSignal | undefined },
): Promise<Kubeconfig> {
  const { nodeAddress } = addresses;
  const directories = [paths.kubelet, paths.podLogs, paths.cniBin, paths.cniConfigs, paths.cniAddresses];
  for (const directory of [paths.certificates, paths.configs, ...directories])
    await mkdir(directory, { recursive: true });

  const clients = Object.entries(CLIENTS).map(([name, client]) => ({ name, ca: "ca", ...client }));
  const kubelet = {
    name: "kubelet-server",
    ca: "ca",
    user: NODE_NAME,
    server: true,
    dns: [NODE_NAME],
    ips: [nodeAddress],
  };
  const request = apiServerCertificates(paths.certificates, [nodeAddress], [...clients, kubelet]);
  await issueCertificates(request, { signal: settings.signal });

  const server = serverUrl(addresses);
  const write = (path: string, name: string, user: string): Promise<Kubeconfig> =>
    writeKubeconfig(path, { server, certificates: paths.certificates, name, user });
  for (const [name, { user }] of Object.entries(CLIENTS))
    await write(join(paths.configs, `${name}.kubeconfig`), name, user);

  await Promise.all([
    writeFile(join(paths.configs, "audit-policy.json"), JSON.stringify(AUDIT_POLICY)),
    writeFile(join(paths.configs, "containerd.toml"), containerdConfig(paths, settings.pauseImage)),
    writeFile(join(paths.configs, "kubelet.json"), JSON.stringify(kubeletConfig(paths, nodeAddress))),
    writeFile(
      join(paths.configs, "kube-proxy.json"),
      JSON.stringify(kubeProxyConfig(kubeconfigOf(paths, "kube-proxy"), NODE_NAME)),
    ),
    // No name server of the machine is reachable from the node.
    writeFile(join(paths.configs, "resolv.conf"), "options ndots:1\n"),
    writeFile(join(paths.cniConfigs, "10-carrel.conflist"), JSON.stringify(cniConfig(paths))),
    ...CNI_PLUGINS.map((plugin) => symlink(join("/usr/lib/cni", plugin), join(paths.cniBin, plugin))),
    symlink(settings.nodeProgram, join(paths.cniBin, POLICY_PLUGIN)),
  ]);
  // Volumes of pods are below: their users must be able to pass.
  await chmod(paths.root, 0o711);
  return write(paths.kubeconfig, "admin", CLIENTS.admin.user);
}
