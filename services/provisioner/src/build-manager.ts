import {
  ENDPOINT_SLICES,
  Manager,
  POLICY_PROFILES,
  SESSION_TEMPLATES,
  SESSIONS,
  TENANTS,
  WORKSPACES,
  type KubeClient,
  type Logger,
} from "@carrel/kube";
import { addPlacement } from "./add-placement.ts";
import type { Config } from "./config.ts";
import { addWorkspaceController } from "./controllers/workspace/add-workspace-controller.ts";
import { WorkspaceStatuses } from "./controllers/workspace/workspace-statuses.ts";
import { addObjects } from "./objects/add-objects.ts";
import { TemplateCheck } from "./requests/template-check.ts";
import { TENANT_INDEX } from "./requests/request-context.ts";
import { clusterFacts } from "./resources/cluster-facts.ts";
import type { SessionUrls } from "./sessions/session-urls.ts";
import { SessionWaiter } from "./sessions/session-waiter.ts";

export interface BuildManagerOptions {
  readonly client: KubeClient;
  readonly config: Config;
  readonly logger: Logger;
  readonly urls: SessionUrls;
  readonly publish: (subject: string, body: object) => void;
}

/** The caches and controllers of a provisioner, and what its request handlers read. */
export function buildManager({ client, config, logger, urls, publish }: BuildManagerOptions) {
  const manager = new Manager({
    client,
    logger,
    election: {
      namespace: config.namespace,
      name: "carrel-provisioner",
      ...(config.identity === undefined ? {} : { identity: config.identity }),
    },
  });
  const sessions = manager.informer(SESSIONS, { indexes: { [TENANT_INDEX]: ({ spec }) => [spec.tenant] } });
  const workspaces = manager.informer(WORKSPACES);
  const templates = manager.informer(SESSION_TEMPLATES);
  const tenants = manager.informer(TENANTS);
  const profiles = manager.informer(POLICY_PROFILES);
  const slices = manager.informer(ENDPOINT_SLICES, {
    namespace: "default",
    labelSelector: "kubernetes.io/service-name=kubernetes",
  });

  const waiter = new SessionWaiter((name) => sessions.store.get(name));
  sessions.addHandler({ onAdd: (session) => waiter.notify(session), onUpdate: (_, session) => waiter.notify(session) });

  const parametersNamespace = config.parametersNamespace ?? `${config.namespace}-parameters`;
  const statuses = new WorkspaceStatuses(workspaces.store);
  const serviceAddress =
    config.kubernetesServiceAddress === undefined ? undefined : { ip: config.kubernetesServiceAddress, port: 443 };
  addPlacement(manager, { client, config, urls, publish, sessions, workspaces, templates, tenants, statuses });
  addWorkspaceController(manager, {
    client,
    workspaces,
    profiles,
    statuses,
    objects: addObjects(manager, {
      workspaces,
      profiles,
      parametersNamespace,
      sharedSecretNamespaces: config.sharedSecretNamespaces,
    }),
    cluster: () => clusterFacts({ systemNamespace: config.namespace, serviceAddress, slices: slices.store.list() }),
  });
  return {
    manager,
    waiter,
    parametersNamespace,
    sessions: sessions.store,
    templates: templates.store,
    tenants: tenants.store,
    workspaces: workspaces.store,
    templateCheck: new TemplateCheck(() => profiles.store.list(), Object.keys(config.values)),
  };
}
