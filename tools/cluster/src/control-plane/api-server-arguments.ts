import { join } from "node:path";

/** What distinguishes one kube-apiserver from another. */
export interface ApiServerSettings {
  /** Directory of the certificates that {@link apiServerCertificates} names. */
  readonly certificates: string;
  readonly etcdUrl: string;
  readonly bindAddress: string;
  readonly port: number;
  /** The address that pods reach this API server at (endpoints of the `kubernetes` Service); none by default. */
  readonly advertiseAddress?: string;
  /** Audit policy and log; no audit by default. */
  readonly audit?: { readonly policyPath: string; readonly logPath: string };
}

/** The first address of the Service network: the `kubernetes` Service. */
export const API_SERVICE_ADDRESS = "10.96.0.1";

/** The command line of kube-apiserver, without its name. Later arguments override earlier ones. */
export function apiServerArguments(settings: ApiServerSettings): string[] {
  const file = (name: string): string => join(settings.certificates, name);
  const advertise = settings.advertiseAddress;
  return [
    `--etcd-servers=${settings.etcdUrl}`,
    `--bind-address=${settings.bindAddress}`,
    `--secure-port=${settings.port}`,
    // A loopback address is refused as an endpoint: without pods nobody looks the endpoint up.
    ...(advertise === undefined ? ["--endpoint-reconciler-type=none"] : [`--advertise-address=${advertise}`]),
    "--service-cluster-ip-range=10.96.0.0/16",
    "--service-node-port-range=30000-32767",
    "--authorization-mode=Node,RBAC",
    "--enable-admission-plugins=NodeRestriction",
    "--allow-privileged=true",
    "--anonymous-auth=true",
    "--profiling=false",
    `--client-ca-file=${file("ca.crt")}`,
    `--tls-cert-file=${file("apiserver.crt")}`,
    `--tls-private-key-file=${file("apiserver.key")}`,
    `--kubelet-certificate-authority=${file("ca.crt")}`,
    `--kubelet-client-certificate=${file("apiserver-kubelet-client.crt")}`,
    `--kubelet-client-key=${file("apiserver-kubelet-client.key")}`,
    "--kubelet-preferred-address-types=InternalIP",
    `--service-account-key-file=${file("service-account.pub")}`,
    `--service-account-signing-key-file=${file("service-account.key")}`,
    "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
    `--requestheader-client-ca-file=${file("front-proxy-ca.crt")}`,
    "--requestheader-allowed-names=front-proxy-client",
    "--requestheader-username-headers=X-Remote-User",
    "--requestheader-group-headers=X-Remote-Group",
    "--requestheader-extra-headers-prefix=X-Remote-Extra-",
    `--proxy-client-cert-file=${file("front-proxy-client.crt")}`,
    `--proxy-client-key-file=${file("front-proxy-client.key")}`,
    ...(settings.audit === undefined
      ? []
      : [`--audit-policy-file=${settings.audit.policyPath}`, `--audit-log-path=${settings.audit.logPath}`]),
  ];
}
