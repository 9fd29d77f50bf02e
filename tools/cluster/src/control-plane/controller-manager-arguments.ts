import { join } from "node:path";

/** The command line of kube-controller-manager, without its name. */
export function controllerManagerArguments(certificates: string, kubeconfig: string): string[] {
  const file = (name: string): string => join(certificates, name);
  return [
    `--kubeconfig=${kubeconfig}`,
    "--leader-elect=false",
    // It serves nobody: its readiness is seen by what it does.
    "--secure-port=0",
    "--use-service-account-credentials=true",
    `--service-account-private-key-file=${file("service-account.key")}`,
    `--root-ca-file=${file("ca.crt")}`,
    `--cluster-signing-cert-file=${file("ca.crt")}`,
    `--cluster-signing-key-file=${file("ca.key")}`,
    // At the default of 20 a second it takes 4 s to start its controllers, and longer to drain namespaces.
    "--kube-api-qps=200",
    "--kube-api-burst=400",
    "--profiling=false",
  ];
}
