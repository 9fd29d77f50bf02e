import type { JsonObject } from "./json-object.ts";

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Who asks. */
export interface UserInfo {
  readonly username: string;
  readonly groups: readonly string[];
}

export type Operation = "CREATE" | "UPDATE" | "DELETE" | "CONNECT";

/**
 * What the API server asks about (`admission.k8s.io/v1` AdmissionRequest), after its own conversion to the version of
 * the webhook's rule. Absent text is the empty string.
 */
export interface AdmissionRequest {
  /** To be echoed in the answer. */
  readonly uid: string;
  readonly operation: Operation;
  /** Kind of `object`: for a subresource its own, e.g. Scale or PodExecOptions. */
  readonly kind: GroupVersionKind;
  /** Group and plural of the resource, e.g. "" and `pods`. */
  readonly group: string;
  readonly resource: string;
  /** e.g. `exec`; "" for the resource itself. */
  readonly subresource: string;
  /** Empty in a deletecollection, where only `oldObject` has the name, and before generateName in a mutating call. */
  readonly name: string;
  /** Empty for cluster-scoped resources. */
  readonly namespace: string;
  readonly user: UserInfo;
  /** Absent in a DELETE. */
  readonly object: JsonObject | undefined;
  /** Absent in a CREATE and a CONNECT. */
  readonly oldObject: JsonObject | undefined;
  readonly dryRun: boolean;
}
