import { LABELS, type Session, type SessionTemplate, type Tenant, type Workspace } from "@carrel/api";
import { watching, type Informer, type KubeClient, type KubeObject, type Manager } from "@carrel/kube";
import { systemClock } from "@carrel/std";
import type { ClusterVariables } from "@carrel/template";
import type { Config } from "./config.ts";
import { PoolReconciler } from "./controllers/pool/pool-reconciler.ts";
import { SessionReconciler } from "./controllers/session/session-reconciler.ts";
import type { WorkspaceStatuses } from "./controllers/workspace/workspace-statuses.ts";
import { Placer } from "./placement/placer.ts";
import type { SessionUrls } from "./sessions/session-urls.ts";

export interface PlacementParts {
  readonly client: KubeClient;
  readonly config: Config;
  readonly urls: SessionUrls;
  readonly publish: (subject: string, body: object) => void;
  readonly sessions: Informer<Session>;
  readonly workspaces: Informer<Workspace>;
  readonly templates: Informer<SessionTemplate>;
  readonly tenants: Informer<Tenant>;
  readonly statuses: WorkspaceStatuses;
}

/** Adds what the leader gives sessions their places with: placement itself, sessions, and the pools of spares. */
export function addPlacement(manager: Manager, parts: PlacementParts): void {
  const { client, config, publish, sessions, statuses, templates, tenants, urls, workspaces } = parts;
  const cluster = clusterVariables(config);
  const placer = new Placer({
    sessions,
    workspaces,
    tenants,
    clock: systemClock,
    limits: { maxSessions: config.maxSessions, maxStarting: config.maxStarting },
    onSession: (name) => sessionController.enqueue(name),
    onPool: (template) => poolController.enqueue(template),
  });
  const session = new SessionReconciler({
    client,
    publish,
    placer,
    clock: systemClock,
    sources: { cluster, urls },
    sessions: sessions.store,
    templates: templates.store,
    workspaces: statuses,
  });
  workspaces.addHandler({ onDelete: (workspace) => session.forgetWorkspace(workspace) });
  const pool = new PoolReconciler({
    client,
    placer,
    cluster,
    clock: systemClock,
    templates: templates.store,
    workspaces: workspaces.store,
  });

  // Before the controllers: they ask it.
  manager.add(placer, { elected: true });
  const sessionController = manager.addController(
    {
      name: "session",
      concurrency: 32,
      reconcile: (name, signal) => session.reconcile(name, signal),
      watches: [
        watching(sessions, ({ metadata }) => [metadata.name]),
        watching(workspaces, byLabel(LABELS.session)),
        statuses.watch(byLabel(LABELS.session)),
      ],
    },
    { elected: true },
  );
  const poolController = manager.addController(
    {
      name: "pool",
      reconcile: (name, signal) => pool.reconcile(name, signal),
      watches: [watching(templates, ({ metadata }) => [metadata.name]), watching(workspaces, byLabel(LABELS.pool))],
    },
    { elected: true },
  );
}

function clusterVariables(config: Config): ClusterVariables {
  const { clusterDomain, domain, ingressClass, publicPort, publicScheme, storageClass, values } = config;
  return {
    ingress: { domain, scheme: publicScheme, port: publicPort, class: ingressClass },
    clusterDomain,
    storageClass,
    values,
  };
}

function byLabel(label: string): (object: KubeObject) => readonly string[] {
  return ({ metadata }) => {
    const name = metadata.labels?.[label];
    return name === undefined ? [] : [name];
  };
}
