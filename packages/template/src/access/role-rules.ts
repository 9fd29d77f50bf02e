import type { AccessRule, Role } from "@carrel/api";

const READ = ["get", "list", "watch"];
const ALL = [...READ, "create", "update", "patch", "delete", "deletecollection"];

const VIEW: readonly AccessRule[] = [
  {
    apiGroups: [""],
    resources: [
      "pods",
      "services",
      "configmaps",
      "persistentvolumeclaims",
      "serviceaccounts",
      "resourcequotas",
      "limitranges",
      "events",
      "endpoints",
    ],
    verbs: READ,
  },
  { apiGroups: [""], resources: ["pods/log", "pods/status", "namespaces"], verbs: ["get"] },
  {
    apiGroups: ["apps"],
    resources: ["deployments", "replicasets", "statefulsets", "controllerrevisions"],
    verbs: READ,
  },
  { apiGroups: ["batch"], resources: ["jobs", "cronjobs"], verbs: READ },
  { apiGroups: ["autoscaling"], resources: ["horizontalpodautoscalers"], verbs: READ },
  { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs: READ },
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: READ },
];

const EDIT: readonly AccessRule[] = [
  ...VIEW,
  { apiGroups: [""], resources: ["pods", "services", "configmaps", "secrets", "persistentvolumeclaims"], verbs: ALL },
  { apiGroups: [""], resources: ["pods/exec", "pods/attach", "pods/portforward"], verbs: ["get", "create"] },
  { apiGroups: [""], resources: ["pods/eviction"], verbs: ["create"] },
  { apiGroups: [""], resources: ["pods/ephemeralcontainers"], verbs: ["update", "patch"] },
  { apiGroups: ["apps"], resources: ["deployments", "replicasets", "statefulsets"], verbs: ALL },
  {
    apiGroups: ["apps"],
    resources: ["deployments/scale", "replicasets/scale", "statefulsets/scale"],
    verbs: ["get", "update", "patch"],
  },
  { apiGroups: ["batch"], resources: ["jobs", "cronjobs"], verbs: ALL },
  { apiGroups: ["autoscaling"], resources: ["horizontalpodautoscalers"], verbs: ALL },
  { apiGroups: ["events.k8s.io"], resources: ["events"], verbs: READ },
];

/**
 * What each named role gives at least, so that `rules` may repeat it. The roles themselves are ClusterRoles of the
 * chart; a test holds these against them.
 */
export const ROLE_RULES: Readonly<Record<Role, readonly AccessRule[]>> = {
  admin: EDIT,
  edit: EDIT,
  view: VIEW,
  none: [],
};
