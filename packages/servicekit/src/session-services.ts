import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { CreateRequest, SessionReply } from "@carrel/api";
import {
  createKubeClient,
  loadKubeconfig,
  SESSION_TEMPLATES,
  silentLogger,
  TENANTS,
  type KubeClient,
} from "@carrel/kube";
import { connectMessaging, inboxPrefix, type Messaging } from "@carrel/messaging";
import {
  aSessionTemplate,
  aTenant,
  installChartRbac,
  installCrds,
  sharedControlPlane,
  startNatsServer,
  TestkitError,
  type NatsServer,
  type SharedControlPlane,
} from "@carrel/testkit";
import { startService, type ServiceProcess } from "./service-process.ts";

export type Ready = SessionReply & { readonly ok: true };

/**
 * Provisioner and reaper as processes, on a real API server with its real controllers and a real NATS. There is no node:
 * the tests play the kubelet and report pods ready.
 */
export interface SessionServices extends AsyncDisposable {
  readonly client: KubeClient;
  readonly nats: NatsServer;
  readonly controlPlane: SharedControlPlane;
  /** The first of the provisioners. */
  readonly provisioner: ServiceProcess;
  readonly provisioners: readonly ServiceProcess[];
  readonly reaper: ServiceProcess;
  /** A connection as a tenant's backend: `acme` exists, `rival` has NATS credentials but no Tenant. */
  readonly backend: (tenant: string) => Promise<Messaging>;
  /** A request of `acme`, with a fresh key unless one is given. */
  readonly ask: (operation: string, body: object, headers?: Readonly<Record<string, string>>) => Promise<Ready>;
  readonly create: (request: CreateRequest, key?: string) => Promise<Ready>;
  /** Applies a template and gives its name. */
  readonly template: (given?: Parameters<typeof aSessionTemplate>[0]) => Promise<string>;
}

/** What {@link startSessionServices} may be told. */
export interface SessionServicesOptions {
  /** How many provisioners; default 1. */
  readonly provisioners?: number;
  /** Environment of the provisioners on top of the usual. */
  readonly provisionerEnv?: Readonly<Record<string, string>>;
  /** NATS with JetStream. */
  readonly jetstream?: boolean;
  /** Keep the API server's audit log, to count calls. */
  readonly auditLog?: boolean;
  /** The NATS server that the provisioners use, e.g. a proxy before it; default the server. */
  readonly provisionerNats?: (nats: NatsServer) => Promise<string>;
  /** The kubeconfig that the provisioners use, e.g. one that leads through a fault proxy; default the API server's. */
  readonly provisionerKubeconfig?: (controlPlane: SharedControlPlane) => Promise<string>;
  /** The kubeconfig that the reaper uses. */
  readonly reaperKubeconfig?: (controlPlane: SharedControlPlane) => Promise<string>;
}

/** Starts them all; whatever goes wrong on the way, nothing is left running. */
export async function startSessionServices(options: SessionServicesOptions = {}): Promise<SessionServices> {
  await using starting = new AsyncDisposableStack();
  const resources = starting.use(new AsyncDisposableStack());
  const { provisioners: count = 1, jetstream = false, auditLog = false } = options;
  const controlPlane = await sharedControlPlane({ controllerManager: true, auditLog });
  await installCrds(controlPlane);
  const nats = resources.use(await startNatsServer({ accounts: { tenants: ["acme", "rival"] }, jetstream }));
  const client = resources.use(
    createKubeClient(await loadKubeconfig({ path: controlPlane.kubeconfigPath }), { userAgent: "test" }),
  );
  await installChartRbac(controlPlane);

  const env = async (user: string, identity: string): Promise<Record<string, string>> => {
    const passwordFile = path.join(controlPlane.directory, `nats-${user}`);
    await writeFile(passwordFile, nats.credentials(user).pass);
    return {
      CARREL_NAMESPACE: "carrel-system",
      CARREL_KUBECONFIG: controlPlane.kubeconfigPath,
      CARREL_NATS_SERVERS: nats.url,
      // As in the chart: the pod's name, which a restarted container keeps, so it need not wait for its own lease to end.
      CARREL_IDENTITY: identity,
      CARREL_NATS_USER: user,
      CARREL_NATS_PASSWORD_FILE: passwordFile,
    };
  };
  const kubeconfig = await options.provisionerKubeconfig?.(controlPlane);
  const natsUrl = (await options.provisionerNats?.(nats)) ?? nats.url;
  const provisioners: ServiceProcess[] = [];
  for (let index = 0; index < count; index++) {
    const own = await env("provisioner", `provisioner-${index}`);
    const settings = { ...own, CARREL_NATS_SERVERS: natsUrl, CARREL_DOMAIN: "carrel.test", ...options.provisionerEnv };
    const through = kubeconfig === undefined ? {} : { CARREL_KUBECONFIG: kubeconfig };
    provisioners.push(resources.use(await startService("provisioner", { ...settings, ...through })));
  }
  const [provisioner] = provisioners;
  if (provisioner === undefined) throw new TestkitError("PROGRAM_FAILED", "there must be a provisioner");
  const reaperEnv = await env("reaper", "reaper-0");
  const reaperKubeconfig = (await options.reaperKubeconfig?.(controlPlane)) ?? controlPlane.kubeconfigPath;
  const reaper = resources.use(await startService("reaper", { ...reaperEnv, CARREL_KUBECONFIG: reaperKubeconfig }));
  const backend = async (tenant: string): Promise<Messaging> =>
    resources.use(
      await connectMessaging({
        servers: [nats.url],
        credentials: { user: tenant, password: nats.credentials(tenant).pass },
        name: "backend",
        inboxPrefix: inboxPrefix(tenant),
        logger: silentLogger,
      }),
    );
  const acme = await backend("acme");
  await client.create(TENANTS, aTenant({ metadata: { name: "acme" } }));
  const ask: SessionServices["ask"] = (operation, body, headers = {}) =>
    acme.request(`carrel.v1.acme.session.${operation}`, body, {
      headers: { "Idempotency-Key": randomUUID(), ...headers },
      timeoutMs: 10_000,
    });
  starting.move();
  return {
    client,
    nats,
    controlPlane,
    provisioner,
    provisioners,
    reaper,
    backend,
    ask,
    create: (request, key = randomUUID()) => ask("create", request, { "Idempotency-Key": key }),
    template: async (given = {}) => (await client.create(SESSION_TEMPLATES, aSessionTemplate(given))).metadata.name,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
