import type { ControlPlane } from "@carrel/cluster";
import { eventually } from "../eventually.ts";
import { TestkitError } from "../testkit-error.ts";
import { adminRequest } from "./admin-request.ts";
import { uniqueName } from "./unique-name.ts";

/** Options of {@link createServiceAccountToken}. */
export interface ServiceAccountTokenOptions {
  /** Where the ServiceAccount is made; default `default`. */
  readonly namespace?: string;
  /** Default: a unique one. */
  readonly name?: string;
  /** ClusterRole that it is bound to in the whole cluster; default `cluster-admin`. */
  readonly clusterRole?: string;
}

/** A bearer token, and who it stands for. */
export interface ServiceAccountToken {
  readonly token: string;
  /** `system:serviceaccount:NAMESPACE:NAME`. */
  readonly user: string;
}

/**
 * Makes a ServiceAccount, binds it to a ClusterRole and asks for a token of one hour: how pods authenticate. Resolves
 * when the API server grants the rights. Mind that without kube-controller-manager the aggregated ClusterRoles (`view`,
 * `edit`, `admin`) are empty.
 * @throws TestkitError `API_REFUSED`.
 */
export async function createServiceAccountToken(
  controlPlane: Pick<ControlPlane, "kubeconfig">,
  options: ServiceAccountTokenOptions = {},
): Promise<ServiceAccountToken> {
  const { namespace = "default", name = uniqueName("sa"), clusterRole = "cluster-admin" } = options;
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  await adminRequest(controlPlane, { method: "POST", path: accounts, body: { metadata: { name } } });
  await adminRequest(controlPlane, {
    method: "POST",
    path: "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    body: {
      metadata: { name: `${namespace}-${name}` },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: clusterRole },
      subjects: [{ kind: "ServiceAccount", namespace, name }],
    },
  });
  const user = `system:serviceaccount:${namespace}:${name}`;
  await waitForRights(controlPlane, user, clusterRole);
  const review = await adminRequest<{ status: { token: string } }>(controlPlane, {
    method: "POST",
    path: `${accounts}/${name}/token`,
    body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 3600 } },
  });
  return { token: review.status.token, user };
}

/** One rule of a ClusterRole. */
interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** The API server's authorizer learns of a new binding by a watch of its own: for some milliseconds it denies. */
async function waitForRights(
  controlPlane: Pick<ControlPlane, "kubeconfig">,
  user: string,
  clusterRole: string,
): Promise<void> {
  const role = await adminRequest<{ rules?: readonly PolicyRule[] | null }>(controlPlane, {
    method: "GET",
    path: `/apis/rbac.authorization.k8s.io/v1/clusterroles/${clusterRole}`,
  });
  const rule = role.rules?.find((candidate) => (candidate.resources?.length ?? 0) > 0);
  if (rule === undefined) return;
  const [resource, subresource] = (rule.resources?.[0] ?? "").split("/");
  const resourceAttributes = {
    verb: rule.verbs[0],
    group: rule.apiGroups?.[0],
    resource,
    subresource,
    name: rule.resourceNames?.[0],
  };
  await eventually(async (signal) => {
    const review = await adminRequest<{ status: { allowed: boolean } }>(controlPlane, {
      method: "POST",
      path: "/apis/authorization.k8s.io/v1/subjectaccessreviews",
      body: { spec: { user, resourceAttributes } },
      signal,
    });
    if (!review.status.allowed) throw new TestkitError("API_REFUSED", `${user} has no rights of ${clusterRole} yet`);
  });
}
