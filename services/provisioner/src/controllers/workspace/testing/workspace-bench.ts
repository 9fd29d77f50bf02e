import type { TestContext } from "node:test";
import { LABELS, type SessionTemplateInput, type Workspace } from "@carrel/api";
import {
  createKubeClient,
  loadKubeconfig,
  Manager,
  PODS,
  POLICY_PROFILES,
  WORKSPACES,
  type KubeClient,
} from "@carrel/kube";
import { workspaceVariables } from "@carrel/template";
import {
  aSession,
  aSessionTemplate,
  aWorkspace,
  eventually,
  installChartRbac,
  installCrds,
  sharedControlPlane,
  startFaultProxy,
  stored,
  type FaultProxy,
} from "@carrel/testkit";
import { addWorkspaceController } from "../add-workspace-controller.ts";
import { NO_OBJECTS } from "../no-objects.ts";
import type { ObjectsEngine } from "../objects-port.ts";
import { WorkspaceStatuses } from "../workspace-statuses.ts";

/**
 * What builds workspaces, on a real API server with its controllers, with the rights that the chart gives it, every
 * call counted. There is no node: the tests report pods ready.
 */
export interface WorkspaceBench {
  /** As the cluster's administrator, past the proxy. */
  readonly client: KubeClient;
  /** Before the builder's client. */
  readonly proxy: FaultProxy;
  /** Starts a builder that remembers nothing; ends with the test, or when disposed of. */
  start(objects?: (client: KubeClient) => ObjectsEngine): Promise<AsyncDisposable>;
  /** Stores a Workspace of a template; claimed by a session unless `spare`. */
  workspace(spec?: Partial<SessionTemplateInput>, given?: { readonly spare?: boolean }): Promise<Workspace>;
  /** Waits for the desk and reports it ready, as a kubelet would. */
  reportReady(workspace: string): Promise<void>;
  /** The Workspace once it passes the check. */
  seen(workspace: string, check: (workspace: Workspace) => void): Promise<Workspace>;
}

/** @param grantable the chart's `provisioner.grantableRules`. The same for all tests of a file. */
export async function workspaceBench(t: TestContext, grantable: readonly object[] = []): Promise<WorkspaceBench> {
  // The last first: builders before the clients that they use.
  const resources = new AsyncDisposableStack();
  t.after(() => resources.disposeAsync());
  const controlPlane = await sharedControlPlane({ controllerManager: true });
  await installCrds(controlPlane);
  const rbac = await installChartRbac(controlPlane, { values: { "provisioner.grantableRules": grantable } });
  const token = await rbac.tokenOf("provisioner");
  const proxy = resources.use(
    await startFaultProxy({ target: controlPlane.server, caPem: controlPlane.caPem, token, test: t }),
  );
  const connect = async (path: string): Promise<KubeClient> =>
    resources.use(createKubeClient(await loadKubeconfig({ path }), { userAgent: "test" }));
  const client = await connect(controlPlane.kubeconfigPath);
  return {
    client,
    proxy,
    start: async (objects) => resources.use(await startBuilder(await connect(proxy.kubeconfigPath), objects)),
    async workspace(spec = {}, { spare = false } = {}) {
      const template = { name: "lesson", uid: "template", generation: 1, spec: aSessionTemplate({ spec }).spec };
      const session = spare ? {} : { session: stored(aSession()) };
      const planned = aWorkspace({ spec: { template }, ...session });
      const { name } = planned.metadata;
      const variables = workspaceVariables({ workspace: { name }, template, cluster: CLUSTER });
      const labels = { [LABELS.workspace]: name };
      return await client.create(WORKSPACES, {
        ...planned,
        metadata: { ...planned.metadata, labels },
        spec: { ...planned.spec, variables },
      });
    },
    async reportReady(workspace) {
      await eventually(() => client.get(PODS, "desk", { namespace: workspace }), { timeoutMs: 30_000 });
      const status = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
      await client.mergePatch(PODS, "desk", { status }, { namespace: workspace, subresource: "status" });
    },
    seen: (name, check) =>
      eventually(
        async () => {
          const workspace = await client.get(WORKSPACES, name);
          check(workspace);
          return workspace;
        },
        { timeoutMs: 30_000 },
      ),
  };
}

const CLUSTER = {
  ingress: { domain: "carrel.test", scheme: "https", port: 443 },
  clusterDomain: "cluster.local",
  values: {},
} as const;

async function startBuilder(
  client: KubeClient,
  objects: (client: KubeClient) => ObjectsEngine = () => NO_OBJECTS,
): Promise<AsyncDisposable> {
  const manager = new Manager({ client, stopTimeoutMs: 2_000 });
  const workspaces = manager.informer(WORKSPACES);
  const profiles = manager.informer(POLICY_PROFILES);
  addWorkspaceController(manager, {
    client,
    workspaces,
    profiles,
    statuses: new WorkspaceStatuses(workspaces.store),
    objects: objects(client),
    cluster: () => ({ systemNamespace: "carrel-system", apiServer: [{ ip: "10.0.0.1", port: 443 }] }),
  });
  const stop = new AbortController();
  const running = manager.run(stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  const builder = {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
  await eventually(() => {
    if (!manager.ready().ok) throw new Error("not ready");
  });
  return builder;
}
