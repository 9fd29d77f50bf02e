import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { TestObject } from "./a-pod.ts";
import type { ApiAnswer } from "./caller.ts";

/** Where objects of a kind are posted to. */
const PATHS: Readonly<Record<string, (namespace: string) => string>> = {
  Pod: (namespace) => `/api/v1/namespaces/${namespace}/pods`,
  ConfigMap: (namespace) => `/api/v1/namespaces/${namespace}/configmaps`,
  Secret: (namespace) => `/api/v1/namespaces/${namespace}/secrets`,
  Service: (namespace) => `/api/v1/namespaces/${namespace}/services`,
  Endpoints: (namespace) => `/api/v1/namespaces/${namespace}/endpoints`,
  ResourceQuota: (namespace) => `/api/v1/namespaces/${namespace}/resourcequotas`,
  PersistentVolumeClaim: (namespace) => `/api/v1/namespaces/${namespace}/persistentvolumeclaims`,
  Deployment: (namespace) => `/apis/apps/v1/namespaces/${namespace}/deployments`,
  DaemonSet: (namespace) => `/apis/apps/v1/namespaces/${namespace}/daemonsets`,
  Job: (namespace) => `/apis/batch/v1/namespaces/${namespace}/jobs`,
  CronJob: (namespace) => `/apis/batch/v1/namespaces/${namespace}/cronjobs`,
  Ingress: (namespace) => `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses`,
  NetworkPolicy: (namespace) => `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`,
  PodDisruptionBudget: (namespace) => `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`,
  RoleBinding: (namespace) => `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`,
};

/** Labels of what Carrel made. */
export const MANAGED = { "app.kubernetes.io/managed-by": "carrel" };
/** The object with a name, a fresh one by default. */
export function named(
  object: TestObject,
  name = `x-${randomBytes(4).toString("hex")}`,
): TestObject & { readonly metadata: { readonly name: string } } {
  return { ...object, metadata: { ...(object["metadata"] as object | undefined), name } };
}

/** An object of the core group. */
export function core(kind: string, fields: object): TestObject {
  return { apiVersion: "v1", kind, ...fields };
}

/** The path that the object is posted to. */
export function pathOf(object: TestObject, namespace: string): string {
  const path = PATHS[object.kind];
  assert.ok(path, object.kind);
  return path(namespace);
}

/** Asserts that a webhook refused with this text, as its user sees it. */
export function denied(answer: ApiAnswer, hook: string, text: string | RegExp): void {
  assert.equal(answer.status, 403, JSON.stringify(answer.body));
  const prefix = `admission webhook "${hook}" denied the request: `;
  assert.ok(answer.message.startsWith(prefix), answer.message);
  const said = answer.message.slice(prefix.length);
  if (typeof text === "string") assert.equal(said, text);
  else assert.match(said, text);
}
