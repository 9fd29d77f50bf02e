import type { KubeObject } from "@carrel/kube";

/** Where the stand-in itself runs. */
export const STAND_IN_NAMESPACE = "vm-operators-stand-in";
/** Where the guests of VM Operator's machines run: it stands for vSphere. */
export const VSPHERE_NAMESPACE = "vsphere-stand-in";
/** The one image that machines of VM Operator may name. */
export const MACHINE_IMAGE = "linux";

const NAME = "vm-operators-stand-in";
const labels = { "app.kubernetes.io/name": NAME };

/** References of the two images. */
export interface StandInImages {
  readonly operator: string;
  readonly launcher: string;
}

/** What installs the stand-in, its CRDs apart: namespaces, rights, the operator's Deployment, an image to name. */
export function standInManifests(images: StandInImages): readonly (KubeObject & { readonly kind: string })[] {
  const restricted = { "pod-security.kubernetes.io/enforce": "restricted" };
  const namespaces = [STAND_IN_NAMESPACE, VSPHERE_NAMESPACE].map((name) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels: { ...labels, ...restricted } },
  }));
  return [
    ...namespaces,
    {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: NAME, namespace: STAND_IN_NAMESPACE, labels },
    },
    clusterRole(),
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: NAME, labels },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: NAME },
      subjects: [{ kind: "ServiceAccount", name: NAME, namespace: STAND_IN_NAMESPACE }],
    } as KubeObject & { kind: string },
    deployment(images),
    {
      apiVersion: "vmoperator.vmware.com/v1alpha4",
      kind: "ClusterVirtualMachineImage",
      metadata: { name: MACHINE_IMAGE, labels },
      spec: {},
    } as KubeObject & { kind: string },
  ];
}

function clusterRole(): KubeObject & { kind: string } {
  const all = ["get", "list", "watch", "create", "update", "patch", "delete"];
  const rules = [
    { apiGroups: ["kubevirt.io"], resources: ["*"], verbs: all },
    { apiGroups: ["vmoperator.vmware.com"], resources: ["*"], verbs: all },
    { apiGroups: [""], resources: ["pods", "services"], verbs: all },
    { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: all },
    // Endpoints may lead outside the pod network only for who has this right.
    { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices/restricted"], verbs: ["create"] },
    { apiGroups: [""], resources: ["resourcequotas", "secrets"], verbs: ["get", "list"] },
  ];
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: NAME, labels },
    rules,
  } as KubeObject & { kind: string };
}

function deployment({ operator, launcher }: StandInImages): KubeObject & { kind: string } {
  const container = {
    name: "operator",
    image: operator,
    imagePullPolicy: "IfNotPresent",
    env: [
      { name: "LAUNCHER_IMAGE", value: launcher },
      { name: "VSPHERE_NAMESPACE", value: VSPHERE_NAMESPACE },
    ],
    resources: { requests: { cpu: "50m", memory: "96Mi" }, limits: { memory: "256Mi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
  };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: NAME, namespace: STAND_IN_NAMESPACE, labels },
    spec: {
      replicas: 1,
      strategy: { type: "Recreate" },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: NAME,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
          containers: [container],
        },
      },
    },
  } as KubeObject & { kind: string };
}
