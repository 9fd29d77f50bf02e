import type { LintFacts } from "./lint-facts.ts";

/** Cluster-scoped kinds that every cluster has, by API group. */
const CLUSTER_KINDS: Readonly<Record<string, readonly string[]>> = {
  "": ["Namespace", "Node", "PersistentVolume", "ComponentStatus"],
  "admissionregistration.k8s.io": [
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
  ],
  "apiextensions.k8s.io": ["CustomResourceDefinition"],
  "apiregistration.k8s.io": ["APIService"],
  "certificates.k8s.io": ["CertificateSigningRequest", "ClusterTrustBundle"],
  "flowcontrol.apiserver.k8s.io": ["FlowSchema", "PriorityLevelConfiguration"],
  "networking.k8s.io": ["IngressClass", "ServiceCIDR", "IPAddress"],
  "node.k8s.io": ["RuntimeClass"],
  "rbac.authorization.k8s.io": ["ClusterRole", "ClusterRoleBinding"],
  "resource.k8s.io": ["DeviceClass", "ResourceSlice"],
  "scheduling.k8s.io": ["PriorityClass"],
  "storage.k8s.io": ["StorageClass", "CSIDriver", "CSINode", "VolumeAttachment", "VolumeAttributesClass"],
};

/** API group of an `apiVersion`; "" is the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash === -1 ? "" : apiVersion.slice(0, slash);
}

/** `Kind.group`, or `Kind` of the core group. */
export function qualifiedKind(apiVersion: string, kind: string): string {
  const group = groupOf(apiVersion);
  return group === "" ? kind : `${kind}.${group}`;
}

/**
 * Whether a kind belongs to no namespace. Of custom resources only what the API server said is known; besides, a kind
 * that a ceiling lists as cluster-scoped is one.
 */
export function isClusterScoped(apiVersion: string, kind: string, { kinds, ceilings }: LintFacts): boolean {
  const known = kinds.get(`${apiVersion}/${kind}`);
  if (known !== undefined) return !known.namespaced;
  const group = groupOf(apiVersion);
  if (Object.hasOwn(CLUSTER_KINDS, group) && CLUSTER_KINDS[group]?.includes(kind) === true) return true;
  return ceilings.some(({ clusterObjects }) =>
    clusterObjects.some((entry) => entry.group === group && entry.kinds.includes(kind)),
  );
}
