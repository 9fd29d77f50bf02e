import path from "node:path";
import type { Cluster } from "@carrel/cluster";
import { createKubeClient, loadKubeconfig, SERVICES } from "@carrel/kube";
import { CarrelError } from "@carrel/std";
import { REPOSITORY, SYSTEM_NAMESPACE } from "../install/install-chart.ts";
import type { Step } from "../install/install-carrel.ts";
import { addressesOf, type DevService } from "./dev-services.ts";
import { exclusive } from "./exclusive.ts";
import { logPrinter } from "./log-printer.ts";
import { runWatched } from "./run-process.ts";
import { serviceEnvironment, usesNats } from "./service-environment.ts";
import { findPlaces, takePlaces, type Place } from "./take-places.ts";
import { untilReady } from "./until-ready.ts";
import { writeCredentials } from "./write-credentials.ts";

export interface DevSessionOptions {
  readonly cluster: Cluster;
  /** NATS as this machine reaches it. */
  readonly nats: string;
  readonly services: readonly DevService[];
  readonly step: Step;
  readonly out: NodeJS.WriteStream;
  /** Ends the session. */
  readonly signal: AbortSignal;
}

/**
 * Runs services from source in place of the cluster's own, until the signal aborts; then everything is as it was.
 *
 * @throws CarrelError `NOT_INSTALLED`, `DEV_RUNS`, `DEV_FAILED` when a watcher ended by itself.
 */
export async function runDevSession(options: DevSessionOptions): Promise<void> {
  const { cluster, services, step, out, signal } = options;
  await using stack = new AsyncDisposableStack();
  stack.use(await exclusive(cluster.name));
  const config = await loadKubeconfig({ path: cluster.kubeconfigPath });
  const client = stack.use(createKubeClient(config, { userAgent: "carrel-dev" }));
  const places = await findPlaces(client, services, signal);
  const kubernetes = await client.get(SERVICES, "kubernetes", { namespace: "default", signal });
  const credentials = stack.use(
    await writeCredentials({
      client,
      cluster,
      services: places.map((place) => ({ name: place.service.name, nats: usesNats(containerOf(place)) })),
      signal,
    }),
  );
  const taken = await step("taking the places of the cluster's own services", () =>
    takePlaces(client, places, cluster, signal),
  );
  stack.defer(() => step("putting the cluster's own services back", async () => await taken[Symbol.asyncDispose]()));

  const ends = places.map((place, index) => {
    const { service } = place;
    const nats = usesNats(containerOf(place));
    const watched = stack.use(
      runWatched({
        main: path.join("services", service.name, "src/main.ts"),
        directory: REPOSITORY,
        environment: serviceEnvironment({
          service,
          addresses: cluster,
          container: containerOf(place),
          namespace: SYSTEM_NAMESPACE,
          kubernetesAddress: kubernetes.spec.clusterIP ?? "",
          nats: options.nats,
          kubeconfigPath: credentials.kubeconfigPath(service.name),
          natsPasswordPath: nats ? credentials.natsPasswordPath(service.name) : undefined,
        }),
        networkNamespacePath: service.network === "node" ? cluster.networkNamespacePath : undefined,
        onLine: logPrinter(service.name, index, out),
      }),
    );
    return watched.ended.then((how) => {
      throw new CarrelError("DEV_FAILED", `the watcher of ${service.name} ${how}`);
    });
  });
  await Promise.race([...ends, untilInterrupted(announce(options), signal)]);
}

/** Says where everything is once it is ready. */
async function announce({ services, cluster, out, signal }: DevSessionOptions): Promise<void> {
  const probes = services.map((service) => ({
    name: service.name,
    url: `http://${addressesOf(service, cluster).probes}:${service.probesPort}`,
  }));
  await Promise.all(probes.map(({ url }) => untilReady(`${url}/readyz`, signal)));
  const lines = probes.map(({ name, url }) => `  ${name.padEnd(11)} ${url}/readyz  ${url}/metrics`);
  out.write(
    `\nready, from source; a change restarts what imports it; Ctrl-C puts the cluster's own back\n${lines.join("\n")}\n\n`,
  );
}

async function untilInterrupted(first: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await Promise.race([
    aborted,
    first.then(
      () => aborted,
      (error: unknown) => (signal.aborted ? undefined : Promise.reject(error as Error)),
    ),
  ]);
}

function containerOf({ deployment }: Place) {
  return deployment.spec.template.spec.containers[0]?.env ?? [];
}
