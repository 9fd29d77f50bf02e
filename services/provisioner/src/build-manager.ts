import { DESK_POD, LABELS, MANAGED_BY, ROLE_DESK } from "@carrel/api";
import {
  ENDPOINT_SLICES,
  Manager,
  NAMESPACES,
  PODS,
  POLICY_PROFILES,
  RESOURCE_QUOTAS,
  SESSION_TEMPLATES,
  SESSIONS,
  TENANTS,
  watching,
  WORKSPACES,
  type KubeClient,
  type KubeObject,
  type Logger,
} from "@carrel/kube";
import { systemClock } from "@carrel/std";
import { addPlacement } from "./add-placement.ts";
import type { Config } from "./config.ts";
import { NO_OBJECTS } from "./controllers/workspace/no-objects.ts";
import { WorkspaceReconciler } from "./controllers/workspace/workspace-reconciler.ts";
import { WorkspaceStatuses } from "./controllers/workspace/workspace-statuses.ts";
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
  const managed = { labelSelector: `${LABELS.managedBy}=${MANAGED_BY},${LABELS.workspace}` };
  const sessions = manager.informer(SESSIONS, { indexes: { [TENANT_INDEX]: ({ spec }) => [spec.tenant] } });
  const workspaces = manager.informer(WORKSPACES);
  const templates = manager.informer(SESSION_TEMPLATES);
  const tenants = manager.informer(TENANTS);
  const profiles = manager.informer(POLICY_PROFILES);
  const namespaces = manager.informer(NAMESPACES, managed);
  const quotas = manager.informer(RESOURCE_QUOTAS, managed);
  const pods = manager.informer(PODS, { labelSelector: `${LABELS.role}=${ROLE_DESK}` });
  const slices = manager.informer(ENDPOINT_SLICES, {
    namespace: "default",
    labelSelector: "kubernetes.io/service-name=kubernetes",
  });

  const waiter = new SessionWaiter((name) => sessions.store.get(name));
  sessions.addHandler({ onAdd: (session) => waiter.notify(session), onUpdate: (_, session) => waiter.notify(session) });

  const statuses = new WorkspaceStatuses(workspaces.store);
  const serviceAddress =
    config.kubernetesServiceAddress === undefined ? undefined : { ip: config.kubernetesServiceAddress, port: 443 };
  const workspaceReconciler = new WorkspaceReconciler({
    client,
    clock: systemClock,
    workspaces: statuses,
    profiles: profiles.store,
    objects: NO_OBJECTS,
    namespaces: namespaces.store,
    quotas: quotas.store,
    pods: pods.store,
    cluster: () => clusterFacts({ systemNamespace: config.namespace, serviceAddress, slices: slices.store.list() }),
  });
  pods.addHandler({
    onDelete: (pod) => {
      if (pod.metadata.name === DESK_POD) workspaceReconciler.forgetDesk(pod.metadata.labels?.[LABELS.workspace] ?? "");
    },
  });

  const byLabel =
    (label: string) =>
    (object: KubeObject): readonly string[] => {
      const name = object.metadata.labels?.[label];
      return name === undefined ? [] : [name];
    };
  addPlacement(manager, { client, config, urls, publish, sessions, workspaces, templates, tenants, statuses });
  manager.addController(
    {
      name: "workspace",
      concurrency: 32,
      reconcile: (name, signal) => workspaceReconciler.reconcile(name, signal),
      watches: [
        watching(workspaces, ({ metadata }) => [metadata.name]),
        watching(namespaces, byLabel(LABELS.workspace)),
        watching(quotas, byLabel(LABELS.workspace)),
        watching(pods, byLabel(LABELS.workspace)),
      ],
    },
    { elected: true },
  );
  return {
    manager,
    waiter,
    sessions: sessions.store,
    templates: templates.store,
    tenants: tenants.store,
    workspaces: workspaces.store,
    templateCheck: new TemplateCheck(() => profiles.store.list()),
  };
}
