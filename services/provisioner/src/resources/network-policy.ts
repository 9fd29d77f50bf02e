import { LABELS } from "@carrel/api";
import type { NetworkPolicy } from "@carrel/kube";
import { renderVariables } from "@carrel/template";
import type { SessionNamespace } from "./session-namespace.ts";
import { ownMetadata, type WorkspaceContext } from "./workspace-context.ts";

/**
 * Default deny both ways for every pod of a namespace of the session. In: its own namespaces and Carrel's proxy. Out: its own
 * namespaces, cluster DNS, the API server, and what the template adds.
 *
 * The API server stands there twice, as ClusterIP and as endpoints: whether a policy sees an address before or after
 * DNAT is left to the network plugin (NetworkPolicy v1, "ipBlock").
 */
export function planNetworkPolicy(
  { workspace, template, cluster, variables }: WorkspaceContext,
  { name }: SessionNamespace,
): NetworkPolicy {
  const ownNamespaces = { namespaceSelector: { matchLabels: { [LABELS.workspaceUid]: workspace.metadata.uid ?? "" } } };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: ownMetadata(workspace, "isolation", name),
    spec: {
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        {
          from: [
            ownNamespaces,
            {
              namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": cluster.systemNamespace } },
              podSelector: { matchLabels: { "app.kubernetes.io/component": "proxy" } },
            },
          ],
        },
      ],
      egress: [
        { to: [ownNamespaces] },
        {
          to: [
            {
              namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
              podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
            },
          ],
          ports: [
            { protocol: "UDP", port: 53 },
            { protocol: "TCP", port: 53 },
          ],
        },
        ...cluster.apiServer.map(({ ip, port }) => ({
          to: [{ ipBlock: { cidr: ip.includes(":") ? `${ip}/128` : `${ip}/32` } }],
          ports: [{ protocol: "TCP" as const, port }],
        })),
        ...renderVariables(template.network.egress, variables),
      ],
    },
  };
}
