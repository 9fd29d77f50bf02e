import {
  GROUP,
  VERSION,
  type ObjectMeta,
  type PolicyProfile,
  type Session,
  type SessionTemplate,
  type Tenant,
  type Workspace,
} from "@carrel/api";

/** Any object of the API server, as plain JSON: unknown fields are kept, so read-modify-write loses nothing. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
}

/** Where a kind lives. `T` types what comes back; nothing is checked at run time. */
export interface Resource<T extends KubeObject = KubeObject> {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Carries `T`; never set. */
  readonly object?: T;
}

/** Declares a resource. `apiVersion` as in manifests: `v1`, `apps/v1`. */
export function resource<T extends KubeObject>(
  apiVersion: string,
  kind: string,
  plural: string,
  namespaced = true,
): Resource<T> {
  const slash = apiVersion.indexOf("/");
  return {
    group: slash < 0 ? "" : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    plural,
    kind,
    namespaced,
  };
}

/** `apiVersion` of a resource as it stands in manifests. */
export function apiVersionOf(of: Resource): string {
  return of.group === "" ? of.version : `${of.group}/${of.version}`;
}

const own = `${GROUP}/${VERSION}`;
export const SESSIONS = resource<Session>(own, "Session", "sessions", false);
export const WORKSPACES = resource<Workspace>(own, "Workspace", "workspaces", false);
export const SESSION_TEMPLATES = resource<SessionTemplate>(own, "SessionTemplate", "sessiontemplates", false);
export const TENANTS = resource<Tenant>(own, "Tenant", "tenants", false);
export const POLICY_PROFILES = resource<PolicyProfile>(own, "PolicyProfile", "policyprofiles", false);
