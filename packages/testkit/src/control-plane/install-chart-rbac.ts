import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ensureProgram, type ControlPlane } from "@carrel/cluster";
import { parseAllDocuments } from "yaml";
import { adminRequest } from "./admin-request.ts";

const CHART = fileURLToPath(new URL("../../../../deploy/chart", import.meta.url));
const RBAC = "/apis/rbac.authorization.k8s.io/v1";

/** Kinds of the chart that say who may do what, and where they are served. In the order in which they are needed. */
const PATHS = {
  Namespace: () => "/api/v1/namespaces",
  ServiceAccount: (namespace: string) => `/api/v1/namespaces/${namespace}/serviceaccounts`,
  ClusterRole: () => `${RBAC}/clusterroles`,
  ClusterRoleBinding: () => `${RBAC}/clusterrolebindings`,
  Role: (namespace: string) => `${RBAC}/namespaces/${namespace}/roles`,
  RoleBinding: (namespace: string) => `${RBAC}/namespaces/${namespace}/rolebindings`,
  PriorityClass: () => "/apis/scheduling.k8s.io/v1/priorityclasses",
} as const;
type Kind = keyof typeof PATHS;

interface ChartObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** What {@link installChartRbac} takes. */
export interface ChartRbacOptions {
  /** Carrel's own namespace; default `carrel-system`. */
  readonly namespace?: string;
  /** Values of the chart by path, e.g. `{ "provisioner.grantableRules": [] }`. */
  readonly values?: Readonly<Record<string, unknown>>;
}

/** The services' identities as an installation has them. */
export interface ChartRbac {
  readonly namespace: string;
  /** A bearer token of one hour for a service, e.g. `provisioner`: with the rights that the chart gives it. */
  tokenOf(service: string): Promise<string>;
}

/**
 * Applies what the chart says about rights: accounts, roles and bindings of the services, the learners' roles, the
 * desk's priority class. Safe to repeat.
 * @throws TestkitError `API_REFUSED`; an Error of Helm's for values that the chart refuses.
 */
export async function installChartRbac(
  controlPlane: Pick<ControlPlane, "kubeconfig">,
  options: ChartRbacOptions = {},
): Promise<ChartRbac> {
  const { namespace = "carrel-system", values = {} } = options;
  const own = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
  const objects: readonly ChartObject[] = [own, ...(await renderChart(namespace, values))];
  for (const kind of Object.keys(PATHS) as Kind[]) {
    await Promise.all(
      objects
        .filter((object) => object.kind === kind)
        .map((object) => {
          const path = `${PATHS[kind](object.metadata.namespace ?? namespace)}/${object.metadata.name}`;
          return adminRequest(controlPlane, {
            method: "PATCH",
            path: `${path}?fieldManager=carrel-testkit&force=true`,
            contentType: "application/apply-patch+yaml",
            body: object,
          });
        }),
    );
  }
  return {
    namespace,
    async tokenOf(service) {
      const review = await adminRequest<{ status: { token: string } }>(controlPlane, {
        method: "POST",
        path: `${PATHS.ServiceAccount(namespace)}/${service}/token`,
        body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 3600 } },
      });
      return review.status.token;
    },
  };
}

async function renderChart(namespace: string, values: Readonly<Record<string, unknown>>): Promise<ChartObject[]> {
  const set = Object.entries(values).flatMap(([path, value]) => ["--set-json", `${path}=${JSON.stringify(value)}`]);
  const helm = await ensureProgram("helm");
  const { stdout } = await promisify(execFile)(helm, ["template", "carrel", CHART, "--namespace", namespace, ...set], {
    maxBuffer: 16 * 1024 * 1024,
  });
  return parseAllDocuments(stdout).flatMap((document) => (document.toJS() as ChartObject | null) ?? []);
}
