import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { CreateRequest, SessionReply } from "@carrel/api";
import {
  CLUSTER_ROLES,
  createKubeClient,
  loadKubeconfig,
  NAMESPACES,
  resource,
  SESSION_TEMPLATES,
  silentLogger,
  TENANTS,
  type KubeClient,
  type KubeObject,
} from "@carrel/kube";
import { connectMessaging, inboxPrefix, type Messaging } from "@carrel/messaging";
import {
  aSessionTemplate,
  aTenant,
  installCrds,
  sharedControlPlane,
  startNatsServer,
  type NatsServer,
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
  readonly provisioner: ServiceProcess;
  readonly reaper: ServiceProcess;
  /** A connection as a tenant's backend: `acme` exists, `rival` has NATS credentials but no Tenant. */
  readonly backend: (tenant: string) => Promise<Messaging>;
  /** A request of `acme`, with a fresh key unless one is given. */
  readonly ask: (operation: string, body: object, headers?: Readonly<Record<string, string>>) => Promise<Ready>;
  readonly create: (request: CreateRequest, key?: string) => Promise<Ready>;
  /** Applies a template and gives its name. */
  readonly template: (given?: Parameters<typeof aSessionTemplate>[0]) => Promise<string>;
}

export async function startSessionServices(): Promise<SessionServices> {
  const resources = new AsyncDisposableStack();
  const controlPlane = await sharedControlPlane({ controllerManager: true });
  await installCrds(controlPlane);
  const nats = resources.use(await startNatsServer({ accounts: { tenants: ["acme", "rival"] } }));
  const client = resources.use(
    createKubeClient(await loadKubeconfig({ path: controlPlane.kubeconfigPath }), { userAgent: "test" }),
  );
  await prepareCluster(client);

  const env = async (user: string): Promise<Record<string, string>> => {
    const passwordFile = path.join(controlPlane.directory, `nats-${user}`);
    await writeFile(passwordFile, nats.credentials(user).pass);
    return {
      CARREL_NAMESPACE: "carrel-system",
      CARREL_KUBECONFIG: controlPlane.kubeconfigPath,
      CARREL_NATS_SERVERS: nats.url,
      // As in the chart: the pod's name, which a restarted container keeps, so it need not wait for its own lease to end.
      CARREL_IDENTITY: `${user}-0`,
      CARREL_NATS_USER: user,
      CARREL_NATS_PASSWORD_FILE: passwordFile,
    };
  };
  const provisioner = resources.use(
    await startService("provisioner", { ...(await env("provisioner")), CARREL_DOMAIN: "carrel.test" }),
  );
  const reaper = resources.use(await startService("reaper", await env("reaper")));
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
  return {
    client,
    nats,
    provisioner,
    reaper,
    backend,
    ask,
    create: (request, key = randomUUID()) => ask("create", request, { "Idempotency-Key": key }),
    template: async (given = {}) => (await client.create(SESSION_TEMPLATES, aSessionTemplate(given))).metadata.name,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** What the chart would install. */
async function prepareCluster(client: KubeClient): Promise<void> {
  await client.create(NAMESPACES, { metadata: { name: "carrel-system" } });
  await client.create(NAMESPACES, { metadata: { name: "carrel-system-parameters" } });
  const priorityClasses = resource<KubeObject & { readonly value: number }>(
    "scheduling.k8s.io/v1",
    "PriorityClass",
    "priorityclasses",
    false,
  );
  await client.create(priorityClasses, { metadata: { name: "carrel-desk" }, value: 1000 });
  for (const access of ["edit", "view"])
    await client.create(CLUSTER_ROLES, { metadata: { name: `carrel-learner-${access}` }, rules: [] });
}
