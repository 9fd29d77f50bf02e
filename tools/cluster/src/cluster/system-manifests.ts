import type { Manifest } from "../api/apply-manifests.ts";
import { DNS_ADDRESS } from "./kubelet-config.ts";

/** The user that network-policy authenticates as. */
export const NETWORK_POLICY_USER = "carrel:network-policy";

// Names outside the cluster have no answer: the cluster has no way out.
const COREFILE = `.:53 {
  errors
  health :8080 {
    lameduck 1s
  }
  ready :8181
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    pods insecure
    ttl 30
  }
  cache 30
  loadbalance
}
`;

const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const KUBE_SYSTEM = "/api/v1/namespaces/kube-system";

function clusterRole(name: string, rules: readonly object[]): Manifest {
  const object = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name }, rules };
  return { collection: `${RBAC}/clusterroles`, object };
}

function clusterRoleBinding(name: string, subject: object): Manifest {
  return {
    collection: `${RBAC}/clusterrolebindings`,
    object: {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
      subjects: [subject],
    },
  };
}

/** What network-policy may read. Applied before it starts. */
export function networkPolicyManifests(): Manifest[] {
  const verbs = ["list", "watch"];
  return [
    clusterRole(NETWORK_POLICY_USER, [
      { apiGroups: [""], resources: ["pods", "namespaces"], verbs },
      { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs },
    ]),
    clusterRoleBinding(NETWORK_POLICY_USER, {
      apiGroup: "rbac.authorization.k8s.io",
      kind: "User",
      name: NETWORK_POLICY_USER,
    }),
  ];
}

/** CoreDNS as the cluster's DNS, shaped like kubeadm's: names and labels that policies and tools expect. */
export function dnsManifests(image: string): Manifest[] {
  const labels = { "k8s-app": "kube-dns" };
  const metadata = { namespace: "kube-system", labels };
  return [
    clusterRole("system:coredns", [
      { apiGroups: [""], resources: ["endpoints", "services", "pods", "namespaces"], verbs: ["list", "watch"] },
      { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
    ]),
    clusterRoleBinding("system:coredns", { kind: "ServiceAccount", name: "coredns", namespace: "kube-system" }),
    {
      collection: `${KUBE_SYSTEM}/serviceaccounts`,
      object: { apiVersion: "v1", kind: "ServiceAccount", metadata: { ...metadata, name: "coredns" } },
    },
    {
      collection: `${KUBE_SYSTEM}/configmaps`,
      object: {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { ...metadata, name: "coredns" },
        data: { Corefile: COREFILE },
      },
    },
    {
      collection: `${KUBE_SYSTEM}/services`,
      object: {
        apiVersion: "v1",
        kind: "Service",
        metadata: { ...metadata, name: "kube-dns" },
        spec: {
          clusterIP: DNS_ADDRESS,
          selector: labels,
          ports: [
            { name: "dns", port: 53, protocol: "UDP" },
            { name: "dns-tcp", port: 53, protocol: "TCP" },
          ],
        },
      },
    },
    {
      collection: "/apis/apps/v1/namespaces/kube-system/deployments",
      object: {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { ...metadata, name: "coredns" },
        spec: {
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: dnsPod(image) },
        },
      },
    },
  ];
}

function dnsPod(image: string): object {
  return {
    serviceAccountName: "coredns",
    priorityClassName: "system-cluster-critical",
    dnsPolicy: "Default",
    securityContext: {
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
      // Port 53 itself, and no Service that translates ports: policies name the port that a pod really has.
      sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }],
    },
    containers: [
      {
        name: "coredns",
        image,
        imagePullPolicy: "Never",
        args: ["-conf", "/etc/coredns/Corefile"],
        ports: [
          { name: "dns", containerPort: 53, protocol: "UDP" },
          { name: "dns-tcp", containerPort: 53, protocol: "TCP" },
        ],
        resources: { requests: { cpu: "10m", memory: "30Mi" }, limits: { memory: "170Mi" } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
        readinessProbe: { httpGet: { path: "/ready", port: 8181 }, periodSeconds: 1 },
        livenessProbe: { httpGet: { path: "/health", port: 8080 }, initialDelaySeconds: 30 },
        volumeMounts: [{ name: "config", mountPath: "/etc/coredns", readOnly: true }],
      },
    ],
    volumes: [{ name: "config", configMap: { name: "coredns" } }],
  };
}
