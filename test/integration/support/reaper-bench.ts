import {
  LABELS,
  MANAGED_BY,
  WORKSPACE_FINALIZER,
  type Session,
  type SessionTemplateInput,
  type Workspace,
} from "@carrel/api";
import {
  controllerRef,
  createKubeClient,
  loadKubeconfig,
  NAMESPACES,
  patchStatus,
  SESSIONS,
  WORKSPACES,
  type KubeClient,
  type Namespace,
} from "@carrel/kube";
import {
  aSession,
  aSessionTemplate,
  aWorkspace,
  createServiceAccountToken,
  installCrds,
  sharedControlPlane,
  startFaultProxy,
  type FaultProxy,
  type ReportingTest,
} from "@carrel/testkit";
import { startService, type ServiceProcess } from "@carrel/servicekit";

/** A session with a workspace and its namespace, as a provisioner leaves them. */
export interface StandingSession {
  readonly session: Session;
  readonly workspace: Workspace;
  readonly namespace: Namespace;
}

/** A reaper as a process, alone: its calls go through a fault proxy to a real API server with its controllers. */
export interface ReaperBench extends AsyncDisposable {
  /** An administrator, past the proxy. */
  readonly client: KubeClient;
  readonly proxy: FaultProxy;
  readonly reaper: ServiceProcess;
  /** Makes a session that is ready; of this template, when given. */
  readonly standingSession: (template?: Partial<SessionTemplateInput>) => Promise<StandingSession>;
  /** Asks for the session's end, as the provisioner does for a backend. */
  readonly end: (session: Session) => Promise<void>;
}

/** The name is the reaper's identity in the election. @param given more environment of the process. */
export async function startReaperBench(
  test: ReportingTest,
  given: Readonly<Record<string, string>> = {},
): Promise<ReaperBench> {
  await using cleanup = new AsyncDisposableStack();
  const controlPlane = await sharedControlPlane({ controllerManager: true });
  await installCrds(controlPlane);
  const { server, caPem } = controlPlane;
  const { token } = await createServiceAccountToken(controlPlane);
  const proxy = cleanup.use(await startFaultProxy({ target: server, caPem, token, test }));
  const client = cleanup.use(
    createKubeClient(await loadKubeconfig({ path: controlPlane.kubeconfigPath }), { userAgent: "test" }),
  );
  const { metadata: own } = await client.create(NAMESPACES, { metadata: { name: `carrel-${proxy.seed}` } });
  const reaper = cleanup.use(
    await startService("reaper", {
      CARREL_NAMESPACE: own.name,
      CARREL_KUBECONFIG: proxy.kubeconfigPath,
      CARREL_IDENTITY: "reaper-0",
      // Nothing listens there: ends do not need NATS.
      CARREL_NATS_SERVERS: "nats://127.0.0.1:1",
      ...given,
    }),
  );
  const owned = cleanup.move();
  return {
    client,
    proxy,
    reaper,
    standingSession: (template) => makeSession(client, template),
    end: async ({ metadata }) => {
      const end = { reason: "EndedByUser", at: new Date().toISOString(), by: "ada" } as const;
      await client.mergePatch(SESSIONS, metadata.name, { spec: { end } });
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function makeSession(client: KubeClient, given: Partial<SessionTemplateInput> = {}): Promise<StandingSession> {
  const session = await client.create(SESSIONS, aSession());
  const template = { name: "desk", uid: "template-uid", generation: 1, spec: aSessionTemplate({ spec: given }).spec };
  const wanted = aWorkspace({ session, spec: { template } });
  const metadata = {
    ...wanted.metadata,
    finalizers: [WORKSPACE_FINALIZER],
    ownerReferences: [controllerRef(SESSIONS, session)],
  };
  const workspace = await client.create(WORKSPACES, { ...wanted, metadata });
  const { name, uid = "" } = workspace.metadata;
  const labels = { [LABELS.managedBy]: MANAGED_BY, [LABELS.workspace]: name, [LABELS.workspaceUid]: uid };
  const namespace = await client.create(NAMESPACES, {
    metadata: { name, labels, ownerReferences: [controllerRef(WORKSPACES, workspace)] },
  });
  const namespaces = [{ name, uid: namespace.metadata.uid ?? "" }];
  return {
    session: await patchStatus(client, SESSIONS, session, { phase: "Ready" }),
    workspace: await patchStatus(client, WORKSPACES, workspace, { phase: "Ready", namespaces }),
    namespace,
  };
}
