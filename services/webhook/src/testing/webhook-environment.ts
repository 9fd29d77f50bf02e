import { LABELS, MANAGED_BY, type PolicyProfileSpec, type Workspace } from "@carrel/api";
import { adminRequest, aSessionTemplate, aWorkspace, eventually, installCrds } from "@carrel/testkit";
import { startControlPlane } from "@carrel/cluster";
import type { Config } from "../config.ts";
import { Caller } from "./caller.ts";
import { pathOfManifest, rights, webhookConfigurations } from "./manifests.ts";
import { runWebhook, type RunningWebhook } from "./run-webhook.ts";

/** A workspace with its namespace, and who works in it. */
export interface TestWorkspace {
  readonly workspace: Workspace;
  readonly namespace: string;
  /** The learner: a ServiceAccount with every right in the namespace, so that nothing but the webhook refuses. */
  readonly learner: Caller;
}

/** A real API server that asks a real webhook. */
export interface WebhookEnvironment extends AsyncDisposable {
  /** An administrator of the cluster (group system:masters). */
  readonly admin: Caller;
  readonly provisioner: Caller;
  readonly reaper: Caller;
  readonly webhook: RunningWebhook;
  /** Somebody else, with every right in the cluster unless the name has its own. */
  as(user: string, groups?: readonly string[]): Promise<Caller>;
  /** A workspace as the provisioner makes it: the Workspace, its namespace, the learner. */
  createWorkspace(profile?: string): Promise<TestWorkspace>;
  createProfile(name: string, spec: Partial<PolicyProfileSpec>): Promise<void>;
  /** Takes the webhook down; `startWebhook` brings it back on the same port. */
  stopWebhook(): Promise<void>;
  startWebhook(): Promise<void>;
}

const CARREL = "/apis/carrel.dev/v1alpha1";
const RBAC = "/apis/rbac.authorization.k8s.io/v1";
/** Starts a control plane with its controllers, Carrel's CRDs, rights and webhook configurations, and the webhook. */
export async function startWebhookEnvironment(config: Partial<Config> = {}): Promise<WebhookEnvironment> {
  const cleanup = new AsyncDisposableStack();
  try {
    return await prepare(config, cleanup);
  } catch (error) {
    await cleanup.disposeAsync();
    throw error;
  }
}

async function prepare(config: Partial<Config>, cleanup: AsyncDisposableStack): Promise<WebhookEnvironment> {
  const controlPlane = cleanup.use(await startControlPlane({ controllerManager: true }));
  const { server, caPem } = controlPlane;
  const callerOf = (kubeconfig: typeof controlPlane.kubeconfig): Caller => {
    const { "client-certificate-data": cert, "client-key-data": key } = kubeconfig.users[0].user;
    const decode = (text: string): string => Buffer.from(text, "base64").toString("utf8");
    return cleanup.use(new Caller(server, caPem, { cert: decode(cert), key: decode(key) }));
  };
  const admin = callerOf(controlPlane.kubeconfig);
  const must = async (method: "POST" | "PATCH" | "PUT", at: string, body: unknown): Promise<unknown> =>
    await adminRequest(controlPlane, { method, path: at, body });

  await installCrds(controlPlane);
  await must("POST", "/api/v1/namespaces", { metadata: { name: "carrel-system" } });
  for (const name of ["provisioner", "reaper", "webhook"]) {
    await must("POST", "/api/v1/namespaces/carrel-system/serviceaccounts", { metadata: { name } });
  }
  const subjects = [
    ...["provisioner", "reaper"].map((name) => ({ kind: "ServiceAccount", name, namespace: "carrel-system" })),
    { kind: "Group", name: "test:everything", apiGroup: "rbac.authorization.k8s.io" },
  ];
  const everything = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" };
  await must("POST", `${RBAC}/clusterrolebindings`, {
    metadata: { name: "test-everything" },
    roleRef: everything,
    subjects,
  });
  for (const manifest of await rights()) await must("POST", pathOfManifest(manifest), manifest);

  const tokenOf = async (namespace: string, name: string): Promise<string> => {
    const at = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
    const review = (await must("POST", at, { spec: { expirationSeconds: 3600 } })) as { status: { token: string } };
    return review.status.token;
  };
  const account = async (namespace: string, name: string): Promise<Caller> =>
    cleanup.use(new Caller(server, caPem, { token: await tokenOf(namespace, name) }));

  const token = await tokenOf("carrel-system", "webhook");
  let webhook = await runWebhook(controlPlane, token, config);
  cleanup.defer(async () => await webhook.stop());
  const { port } = webhook;
  for (const manifest of await webhookConfigurations(port)) await must("POST", pathOfManifest(manifest), manifest);
  const ready = async (): Promise<void> => {
    await eventually(() => {
      if (webhook.missing().length > 0) throw new Error(webhook.missing().join(", "));
    });
  };
  await ready();
  await untilAsked(admin);

  const provisioner = await account("carrel-system", "provisioner");
  return {
    admin,
    provisioner,
    reaper: await account("carrel-system", "reaper"),
    get webhook() {
      return webhook;
    },
    as: async (user, groups = []) =>
      callerOf((await controlPlane.createKubeconfig(user, [...groups, "test:everything"])).kubeconfig),
    async createProfile(name, spec) {
      const object = { apiVersion: "carrel.dev/v1alpha1", kind: "PolicyProfile", metadata: { name }, spec };
      await must("POST", `${CARREL}/policyprofiles`, object);
    },
    async createWorkspace(profile) {
      const template = aSessionTemplate().spec;
      const spec = { ...template, ...(profile === undefined ? {} : { policy: { profile } }) };
      const wanted = aWorkspace({ spec: { template: { name: "t", uid: "u", generation: 1, spec } } });
      const workspace = (await must("POST", `${CARREL}/workspaces`, wanted)) as Workspace;
      const namespace = workspace.metadata.name;
      const labels = {
        [LABELS.managedBy]: MANAGED_BY,
        [LABELS.workspace]: namespace,
        [LABELS.workspaceUid]: workspace.metadata.uid ?? "",
      };
      const metadata = { name: namespace, labels };
      const made = await provisioner.create("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata });
      if (made.status !== 201) throw new Error(made.message);
      const inside = { name: "learner", namespace, labels };
      await provisioner.create(`/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: inside });
      const binding = {
        metadata: inside,
        roleRef: everything,
        subjects: [{ kind: "ServiceAccount", name: "learner", namespace }],
      };
      await provisioner.create(`${RBAC}/namespaces/${namespace}/rolebindings`, binding);
      const learner = await account(namespace, "learner");
      await eventually(async () => {
        const default_ = await learner.ask("GET", `/api/v1/namespaces/${namespace}/serviceaccounts/default`);
        if (default_.status !== 200) throw new Error(`no default account yet: ${default_.status}`);
      });
      return { workspace, namespace, learner };
    },
    stopWebhook: async () => await webhook.stop(),
    async startWebhook() {
      webhook = await runWebhook(controlPlane, token, { ...config, port });
      await ready();
    },
    [Symbol.asyncDispose]: async () => await cleanup.disposeAsync(),
  };
}

/** The API server learns of a configuration by a watch of its own. */
async function untilAsked(admin: Caller): Promise<void> {
  await eventually(async () => {
    const labels = { [LABELS.workspace]: "nobody" };
    const probe = { metadata: { name: "probe", labels } };
    const made = await admin.create("/api/v1/namespaces?dryRun=All", probe);
    if (made.status !== 201) throw new Error(made.message);
    const relabelled = await admin.patch("/api/v1/namespaces/default?dryRun=All", { metadata: { labels } });
    if (relabelled.status !== 403) throw new Error("the API server does not ask yet");
  });
}
