import type { CarrelClient } from "@carrel/client";
import { DEFAULT_CLUSTER, requireCluster } from "../install/ensure-cluster.ts";
import { connectBackend } from "./connect-backend.ts";
import { openNatsAccess } from "./nats-access.ts";

/** Options of every command that acts as a tenant's backend. */
export const BACKEND = {
  tenant: { type: "string", default: "demo" },
  cluster: { type: "string", default: DEFAULT_CLUSTER },
  nats: { type: "string" },
} as const;
/** Their lines in `--help`. */
export const BACKEND_HELP = `  --tenant NAME     (default demo); its credentials are read from the cluster
  --nats URL        where NATS is; default: the embedded cluster's node port, else a port-forward
  --cluster NAME    the embedded cluster (default ${DEFAULT_CLUSTER}); KUBECONFIG wins`;

/** Does something as a tenant's backend, with a connection that ends afterwards. */
export async function withBackend(
  values: { readonly tenant: string; readonly cluster: string; readonly nats?: string | undefined },
  signal: AbortSignal,
  use: (backend: CarrelClient) => Promise<void>,
): Promise<void> {
  const access = await requireCluster(values.cluster, signal);
  await using nats = await openNatsAccess({
    kubeconfig: access.kubeconfig,
    tenant: values.tenant,
    servers: values.nats ?? access.nats,
    signal,
  });
  await using backend = await connectBackend(nats, signal);
  await use(backend);
}
