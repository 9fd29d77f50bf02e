import type { CertificateRequest, CertificateSpec } from "../certificates/issue-certificates.ts";
import { API_SERVICE_ADDRESS } from "./api-server-arguments.ts";

/**
 * The certificates that an API server and its administrator need: two authorities (clients and servers; the front
 * proxy of aggregated APIs apart, as Kubernetes demands), and the ServiceAccount key pair.
 * @param ips every address at which clients reach the API server, besides 127.0.0.1 and the Service address
 */
export function apiServerCertificates(
  dir: string,
  ips: readonly string[],
  more: readonly CertificateSpec[] = [],
): CertificateRequest {
  return {
    dir,
    cas: ["ca", "front-proxy-ca"],
    keys: ["service-account"],
    certs: [
      {
        name: "apiserver",
        ca: "ca",
        user: "kube-apiserver",
        server: true,
        dns: [
          "localhost",
          "kubernetes",
          "kubernetes.default",
          "kubernetes.default.svc",
          "kubernetes.default.svc.cluster.local",
        ],
        ips: [...new Set(["127.0.0.1", API_SERVICE_ADDRESS, ...ips])],
      },
      { name: "apiserver-kubelet-client", ca: "ca", user: "kube-apiserver-kubelet-client", groups: ["system:masters"] },
      { name: "front-proxy-client", ca: "front-proxy-ca", user: "front-proxy-client" },
      { name: "admin", ca: "ca", user: "kubernetes-admin", groups: ["system:masters"] },
      { name: "controller-manager", ca: "ca", user: "system:kube-controller-manager" },
      ...more,
    ],
  };
}
