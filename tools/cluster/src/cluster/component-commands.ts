import { join } from "node:path";
import { apiServerArguments } from "../control-plane/api-server-arguments.ts";
import { controllerManagerArguments } from "../control-plane/controller-manager-arguments.ts";
import { etcdArguments } from "../control-plane/etcd-arguments.ts";
import { type ClusterAddresses, POD_CIDR } from "./cluster-addresses.ts";
import { kubeconfigOf, NODE_NAME } from "./cluster-configs.ts";
import type { ClusterPaths } from "./cluster-paths.ts";
import type { ComponentCommand } from "./launch-component.ts";

/** The components of Kubernetes that run in every cluster. */
export type KubernetesComponent =
  | "etcd"
  | "kube-apiserver"
  | "kube-controller-manager"
  | "kube-scheduler"
  | "kube-proxy"
  | "kubelet"
  | "network-policy";

/** The command line of each component. Ports are those of an ordinary node: the namespace is the node's own. */
export function componentCommands(
  paths: ClusterPaths,
  addresses: ClusterAddresses,
  program: string,
): Readonly<Record<KubernetesComponent | "containerd", ComponentCommand>> {
  const config = (file: string): string => join(paths.configs, file);
  const kubernetes = (name: KubernetesComponent, args: readonly string[]): ComponentCommand => ({
    name,
    program,
    args: [name, ...args],
  });
  return {
    etcd: kubernetes("etcd", etcdArguments(paths.etcd, 2379, 2380)),
    "kube-apiserver": kubernetes(
      "kube-apiserver",
      apiServerArguments({
        certificates: paths.certificates,
        etcdUrl: "http://127.0.0.1:2379",
        bindAddress: "0.0.0.0",
        port: 6443,
        advertiseAddress: addresses.nodeAddress,
        audit: { policyPath: config("audit-policy.json"), logPath: paths.auditLog },
      }),
    ),
    "kube-controller-manager": kubernetes(
      "kube-controller-manager",
      controllerManagerArguments(paths.certificates, kubeconfigOf(paths, "controller-manager")),
    ),
    "kube-scheduler": kubernetes("kube-scheduler", [
      `--kubeconfig=${kubeconfigOf(paths, "scheduler")}`,
      "--leader-elect=false",
      "--secure-port=0",
      "--profiling=false",
    ]),
    "kube-proxy": kubernetes("kube-proxy", [`--config=${config("kube-proxy.json")}`]),
    kubelet: kubernetes("kubelet", [
      `--kubeconfig=${kubeconfigOf(paths, "kubelet")}`,
      `--config=${config("kubelet.json")}`,
      `--root-dir=${paths.kubelet}`,
      `--cert-dir=${join(paths.kubelet, "pki")}`,
      `--hostname-override=${NODE_NAME}`,
      `--node-ip=${addresses.nodeAddress}`,
    ]),
    "network-policy": kubernetes("network-policy", [
      `--kubeconfig=${kubeconfigOf(paths, "network-policy")}`,
      `--pod-cidr=${POD_CIDR}`,
      `--socket=${paths.networkPolicySocket}`,
    ]),
    containerd: { name: "containerd", program: "containerd", args: ["--config", config("containerd.toml")] },
  };
}
