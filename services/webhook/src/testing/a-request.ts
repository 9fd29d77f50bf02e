import type { AdmissionRequest } from "../review/admission-request.ts";
import type { JsonObject } from "../review/json-object.ts";

/** Plurals of the kinds that tests ask about. */
const RESOURCES: Readonly<Record<string, string>> = {
  Pod: "pods",
  ConfigMap: "configmaps",
  Secret: "secrets",
  Service: "services",
  ServiceAccount: "serviceaccounts",
  PersistentVolumeClaim: "persistentvolumeclaims",
  Deployment: "deployments",
  DaemonSet: "daemonsets",
  StatefulSet: "statefulsets",
  CronJob: "cronjobs",
  Ingress: "ingresses",
  NetworkPolicy: "networkpolicies",
  PodDisruptionBudget: "poddisruptionbudgets",
  Namespace: "namespaces",
  Session: "sessions",
  Workspace: "workspaces",
};

export const LEARNER = {
  username: "system:serviceaccount:w1:learner",
  groups: ["system:serviceaccounts", "system:serviceaccounts:w1", "system:authenticated"],
};

/** A controller of Kubernetes. */
export function controller(name: string): AdmissionRequest["user"] {
  return {
    username: `system:serviceaccount:kube-system:${name}`,
    groups: ["system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated"],
  };
}

/** One of Carrel's services. */
export function carrel(name: string): AdmissionRequest["user"] {
  return {
    username: `system:serviceaccount:carrel-system:${name}`,
    groups: ["system:serviceaccounts", "system:serviceaccounts:carrel-system", "system:authenticated"],
  };
}

export const OPERATOR = { username: "kubernetes-admin", groups: ["system:masters", "system:authenticated"] };

/** A request of a learner in namespace w1; `object` decides group, kind and, unless given, the rest. */
export function aRequest(
  object: JsonObject & { readonly kind: string; readonly apiVersion: string },
  rest: Partial<AdmissionRequest> = {},
): AdmissionRequest {
  const [group = "", version = ""] = object.apiVersion.includes("/")
    ? object.apiVersion.split("/")
    : ["", object.apiVersion];
  const metadata = object["metadata"] as { readonly name?: string } | undefined;
  return {
    uid: "705ab4f5-6393-11e8-b7cc-42010a800002",
    operation: "CREATE",
    kind: { group, version, kind: object.kind },
    group,
    resource: RESOURCES[object.kind] ?? `${object.kind.toLowerCase()}s`,
    subresource: "",
    name: metadata?.name ?? "x",
    namespace: "w1",
    user: LEARNER,
    object,
    oldObject: undefined,
    dryRun: false,
    ...rest,
  };
}

/** The request as the API server sends it. */
export function aReview(request: AdmissionRequest): JsonObject {
  const { uid, operation, kind, group, resource, subresource, name, namespace, user, object, oldObject, dryRun } =
    request;
  return {
    kind: "AdmissionReview",
    apiVersion: "admission.k8s.io/v1",
    request: {
      uid,
      kind,
      resource: { group, version: kind.version, resource },
      ...(subresource === "" ? {} : { subResource: subresource }),
      name,
      ...(namespace === "" ? {} : { namespace }),
      operation,
      userInfo: user,
      object: object ?? null,
      oldObject: oldObject ?? null,
      dryRun,
    },
  };
}
