import type { CarrelClient } from "@carrel/client";
import {
  BENCH_CLUSTER,
  connectBackend,
  ensureEmbeddedCluster,
  ensurePrograms,
  installOnEmbedded,
  openNatsAccess,
} from "@carrel/cli";
import { stopCluster, type Cluster } from "@carrel/cluster";
import { createKubeClient, loadKubeconfig, type KubeClient } from "@carrel/kube";
import { CarrelError, deadlineSignal } from "@carrel/std";
import { onlyOne } from "./only-one.ts";

/** Port of this machine that leads to its proxy. */
const BENCH_PORT = 18580;
/** The tenant whose backend the benchmarks are. */
const TENANT = "demo";
/** How long the cluster's end may take, also after an interrupt. */
const STOP_TIMEOUT_MS = 120_000;

/** Carrel as `./carrel up` installs it, on a cluster of its own. Disposing stops the cluster. */
export interface BenchCluster extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly client: KubeClient;
  readonly backend: CarrelClient;
}

export interface BenchClusterOptions {
  /** Leave the cluster running at the end: the next run starts sooner. */
  readonly keep: boolean;
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Starts the cluster and installs Carrel; whatever goes wrong on the way, the cluster is stopped again. */
export async function openBenchCluster({ keep, tell, signal }: BenchClusterOptions): Promise<BenchCluster> {
  await using stack = new AsyncDisposableStack();
  stack.use(await onlyOne(BENCH_CLUSTER));
  await ensurePrograms({ tell, signal });
  if (!keep) stack.defer(() => stopBenchCluster(tell));
  tell(`cluster ${BENCH_CLUSTER}`);
  const access = await ensureEmbeddedCluster({ name: BENCH_CLUSTER, tell, signal });
  const { embedded, kubeconfig, nats: servers } = access;
  if (embedded === undefined) throw new CarrelError("NO_CLUSTER", "benchmarks run on the embedded cluster");
  const step = <T>(title: string, run: (tell: (line: string) => void) => Promise<T>): Promise<T> => {
    tell(title);
    return run(tell);
  };
  await installOnEmbedded({ access, port: BENCH_PORT, step, signal, set: [`tenants={${TENANT}}`] });
  const client = stack.use(createKubeClient(await loadKubeconfig({ path: kubeconfig }), { userAgent: "carrel-bench" }));
  await using nats = await openNatsAccess({ kubeconfig, tenant: TENANT, servers, signal });
  const backend = stack.use(await connectBackend(nats, signal));
  const owned = stack.move();
  return { cluster: embedded, client, backend, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function stopBenchCluster(tell: (line: string) => void): Promise<void> {
  // With a signal of its own: an interrupt must not interrupt the tidying up.
  await stopCluster(BENCH_CLUSTER, { signal: deadlineSignal(STOP_TIMEOUT_MS), onProgress: tell });
}
