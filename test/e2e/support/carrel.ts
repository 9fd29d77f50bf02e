import { createKubeClient, loadKubeconfig, type KubeClient } from "@carrel/kube";
import {
  connectBackend,
  ensureEmbeddedCluster,
  ensurePrograms,
  installOnEmbedded,
  openNatsAccess,
  type ClusterAccess,
} from "@carrel/cli";
import type { CarrelClient } from "@carrel/client";
import type { Cluster } from "@carrel/cluster";

/**
 * Name of the cluster that the end-to-end tests share; the test runner stops it at the end. With another name and port
 * a second one runs beside it, which nobody stops but who started it.
 */
export const E2E_CLUSTER = process.env["CARREL_E2E_CLUSTER"] || "carrel-e2e";
/** Port of this machine at which the tests' browser reaches the proxy. */
export const E2E_PORT = Number(process.env["CARREL_E2E_PORT"] || 18_480);

/** Carrel, installed as a user installs it, and ways in. */
export interface InstalledCarrel extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly access: ClusterAccess;
  readonly kubeconfig: string;
  readonly client: KubeClient;
  /** The backend of the tenant `demo`. */
  readonly backend: CarrelClient;
  /** References of the images that were built, by name. */
  readonly images: Readonly<Record<string, string>>;
}

/** How long the first installation on a machine may take. */
const INSTALL_TIMEOUT_MS = 40 * 60_000;

/** Helm values beyond those that all end-to-end tests have: files, and single ones as `key=value`. */
export interface ExtraValues {
  readonly values?: readonly string[];
  readonly set?: readonly string[];
}

/**
 * The cluster with Carrel on it, started by whichever test comes first; later ones find it running. Values hold until
 * the next test file asks for its own.
 */
export async function installedCarrel({ values = [], set = [] }: ExtraValues = {}): Promise<InstalledCarrel> {
  const signal = AbortSignal.timeout(INSTALL_TIMEOUT_MS);
  const tell = (line: string): void => void process.stderr.write(`    ${line}\n`);
  await ensurePrograms({ tell, signal });
  const access = await ensureEmbeddedCluster({ name: E2E_CLUSTER, tell, signal });
  const step = <T>(title: string, run: (tell: (line: string) => void) => Promise<T>): Promise<T> => {
    tell(title);
    return run(tell);
  };
  // Two tenants, so that one can try to reach the other's.
  const sets = ["tenants={demo,rival}", ...set];
  const built = await installOnEmbedded({ access, port: E2E_PORT, step, signal, values, set: sets });
  if (access.embedded === undefined) throw new Error("the end-to-end tests run on the embedded cluster");
  const client = createKubeClient(await loadKubeconfig({ path: access.kubeconfig }), { userAgent: "carrel-e2e" });
  const backend = await backendOf(access, "demo");
  return {
    access,
    client,
    backend,
    cluster: access.embedded,
    kubeconfig: access.kubeconfig,
    images: Object.fromEntries(built.map(({ name, ref }) => [name, ref])),
    async [Symbol.asyncDispose]() {
      await backend[Symbol.asyncDispose]();
      await client[Symbol.asyncDispose]();
    },
  };
}

/** A tenant's backend. */
async function backendOf(access: ClusterAccess, tenant: string): Promise<CarrelClient> {
  const signal = AbortSignal.timeout(60_000);
  await using nats = await openNatsAccess({ kubeconfig: access.kubeconfig, tenant, servers: access.nats, signal });
  return await connectBackend(nats, signal);
}
