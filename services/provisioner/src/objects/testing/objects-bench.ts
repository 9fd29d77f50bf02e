import type { TestContext } from "node:test";
import { LABELS, MANAGED_BY, type SessionTemplateInput, type Workspace } from "@carrel/api";
import {
  createKubeClient,
  loadKubeconfig,
  NAMESPACES,
  resource,
  ResourceMapper,
  WORKSPACES,
  type KubeClient,
  type KubeObject,
} from "@carrel/kube";
import { systemClock, type Clock } from "@carrel/std";
import { workspaceVariables } from "@carrel/template";
import {
  aSessionTemplate,
  aWorkspace,
  createServiceAccountToken,
  eventually,
  installCrds,
  sharedControlPlane,
  startFaultProxy,
  uniqueName,
  type FaultProxy,
} from "@carrel/testkit";
import { ObjectSteps } from "../object-steps.ts";
import { TemplateObjects, type ObjectsContext } from "../objects-engine.ts";
import { SecretCopies } from "../secret-copies.ts";
import { SecretParameters } from "../secret-parameters.ts";
import type { SharedSecrets } from "../shared-secrets.ts";

/** A custom resource with conditions and an address, as operators have them. */
export interface Wave extends KubeObject {
  readonly spec?: { readonly height?: number; readonly to?: string };
  readonly status?: {
    readonly address?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string }[];
  };
}

/** Objects of templates on a real API server, with every call of the engine counted. */
export interface ObjectsBench {
  /** Past the proxy: what is really there. */
  readonly client: KubeClient;
  /** As engines have it: through the proxy. */
  readonly counted: KubeClient;
  /** Before the engines' client. */
  readonly proxy: FaultProxy;
  /** A new engine, which remembers nothing; `aheadMs` is how far its clock is ahead. */
  engine(options?: { readonly aheadMs?: () => number; readonly shared?: SharedSecrets }): TemplateObjects;
  /** A stored Workspace with its namespaces. `claim` makes it one that a session has. */
  workspace(spec: Partial<SessionTemplateInput>, variables?: Readonly<Record<string, string>>): Promise<ObjectsContext>;
  /** The kind of `aWave`s that this bench alone has, served by now. */
  waves(
    scope?: "Namespaced" | "Cluster",
  ): Promise<{ readonly apiVersion: string; readonly of: ReturnType<typeof resource<Wave>> }>;
  /** Writes a status as an operator would. */
  report(
    of: ReturnType<typeof resource<Wave>>,
    name: string,
    namespace: string | undefined,
    status: Wave["status"],
  ): Promise<void>;
}

export async function objectsBench(t: TestContext): Promise<ObjectsBench> {
  const controlPlane = await sharedControlPlane();
  await installCrds(controlPlane);
  const { token } = await createServiceAccountToken(controlPlane);
  const proxy = await startFaultProxy({ target: controlPlane.server, caPem: controlPlane.caPem, token, test: t });
  t.after(() => proxy[Symbol.asyncDispose]());
  const connect = async (path: string): Promise<KubeClient> => {
    const client = createKubeClient(await loadKubeconfig({ path }), { userAgent: "test" });
    t.after(() => client[Symbol.asyncDispose]());
    return client;
  };
  const client = await connect(controlPlane.kubeconfigPath);
  const counted = await connect(proxy.kubeconfigPath);

  return {
    client,
    counted,
    proxy,
    engine({ aheadMs = () => 0, shared = nothingShared } = {}) {
      const clock: Clock = { ...systemClock, now: () => Date.now() + aheadMs() };
      const mapper = new ResourceMapper({ client: counted, missingAgeMs: 50 });
      return new TemplateObjects({
        steps: new ObjectSteps({
          client: counted,
          mapper,
          clock,
          allowsClusterKind: (_, kind) => kind === "ClusterWave",
        }),
        copies: new SecretCopies(counted, shared),
        secretParameters: new SecretParameters(counted, "default"),
        clock,
      });
    },
    workspace: (spec, variables) => makeWorkspace(client, spec, variables),
    waves: (scope = "Namespaced") => defineWaves(client, scope),
    async report(of, name, namespace, status) {
      const options = namespace === undefined ? {} : { namespace };
      await client.mergePatch(of, name, { status }, { ...options, subresource: "status" });
    },
  };
}

const nothingShared: SharedSecrets = { find: () => Promise.resolve(undefined) };

async function makeWorkspace(
  client: KubeClient,
  given: Partial<SessionTemplateInput>,
  variables: Readonly<Record<string, string>> = {},
): Promise<ObjectsContext> {
  const { spec } = aSessionTemplate({ spec: given });
  const template = { name: "waves", uid: "t", generation: 1, spec };
  const session = "session.name" in variables ? { name: variables["session.name"] ?? "", uid: "s" } : undefined;
  const workspace = await client.create<Workspace>(
    WORKSPACES,
    aWorkspace({ spec: { template, ...(session === undefined ? {} : { session }) } }),
  );
  const { name, uid = "" } = workspace.metadata;
  for (const suffix of [undefined, ...spec.namespaces.map((namespace) => namespace.name)]) {
    const labels = { [LABELS.managedBy]: MANAGED_BY, [LABELS.workspace]: name, [LABELS.workspaceUid]: uid };
    await client.create(NAMESPACES, { metadata: { name: suffix === undefined ? name : `${name}-${suffix}`, labels } });
  }
  const ingress = { domain: "carrel.test", scheme: "https" as const, port: 443 };
  const cluster = { ingress, clusterDomain: "cluster.local", values: {} };
  return {
    workspace,
    template: spec,
    variables: { ...workspaceVariables({ workspace: { name, uid }, template, cluster }), ...variables },
  };
}

async function defineWaves(
  client: KubeClient,
  scope: "Namespaced" | "Cluster",
): Promise<{ apiVersion: string; of: ReturnType<typeof resource<Wave>> }> {
  const group = `${uniqueName("sea")}.example.com`;
  const [kind, plural] = scope === "Cluster" ? ["ClusterWave", "clusterwaves"] : ["Wave", "waves"];
  const open = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const schema = { openAPIV3Schema: { type: "object", properties: { spec: waveSpec, status: open } } };
  await client.create(DEFINITIONS, {
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: { plural, singular: kind.toLowerCase(), kind },
      versions: [{ name: "v1", served: true, storage: true, schema, subresources: { status: {} } }],
    },
  });
  const of = resource<Wave>(`${group}/v1`, kind, plural, scope === "Namespaced");
  await eventually(() => client.list(of), { timeoutMs: 20_000 });
  return { apiVersion: `${group}/v1`, of };
}

const waveSpec = { type: "object", properties: { height: { type: "integer", minimum: 0 }, to: { type: "string" } } };

const DEFINITIONS = resource<KubeObject & { readonly spec: object }>(
  "apiextensions.k8s.io/v1",
  "CustomResourceDefinition",
  "customresourcedefinitions",
  false,
);
