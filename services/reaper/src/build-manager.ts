import { LABELS, type Workspace, MANAGED_BY } from "@carrel/api";
import {
  Manager,
  NAMESPACES,
  objectReference,
  ResourceMapper,
  SESSIONS,
  watching,
  WORKSPACES,
  type EventRecorder,
  type KubeClient,
  type Logger,
  type Namespace,
} from "@carrel/kube";
import { systemClock } from "@carrel/std";
import type { Config } from "./config.ts";
import { SessionReaper } from "./expiry/session-reaper.ts";
import { ClusterObjects } from "./teardown/cluster-objects.ts";
import { ExternalObjects } from "./teardown/external-objects.ts";
import { SeenDeletions } from "./teardown/seen-deletions.ts";
import { TeardownEvents } from "./teardown/teardown-events.ts";
import { WORKSPACE_INDEX, WorkspaceReaper } from "./teardown/workspace-reaper.ts";

/** Index of Workspaces by the Session that they were made or claimed for. */
const SESSION_INDEX = "session";

export interface BuildManagerOptions {
  readonly client: KubeClient;
  readonly config: Config;
  readonly logger: Logger;
  readonly events: EventRecorder;
  readonly publish: (subject: string, body: object) => void;
}

/** The caches and controllers of a reaper. */
export function buildManager({ client, config, logger, events, publish }: BuildManagerOptions): Manager {
  const manager = new Manager({
    client,
    logger,
    election: {
      namespace: config.namespace,
      name: "carrel-reaper",
      ...(config.identity === undefined ? {} : { identity: config.identity }),
    },
  });
  const sessions = manager.informer(SESSIONS);
  const workspaces = manager.informer(WORKSPACES, { indexes: { [SESSION_INDEX]: sessionNameOf } });
  const namespaces = manager.informer(NAMESPACES, {
    labelSelector: `${LABELS.managedBy}=${MANAGED_BY},${LABELS.workspace}`,
    indexes: { [WORKSPACE_INDEX]: workspaceNameOf },
  });

  const deletedNamespaces = new SeenDeletions();
  namespaces.addHandler({
    onDelete({ metadata }) {
      // Without the mark it has only left the selection: its labels were changed.
      if (metadata.deletionTimestamp !== undefined) deletedNamespaces.add(metadata.uid);
    },
  });
  /** By the UIDs of their Sessions, each of which has one workspace. */
  const deletedWorkspaces = new SeenDeletions();
  workspaces.addHandler({ onDelete: ({ spec }) => deletedWorkspaces.add(spec.session?.uid) });

  const sessionReaper = new SessionReaper({
    client,
    publish,
    parametersNamespace: config.parametersNamespace ?? `${config.namespace}-parameters`,
    clock: systemClock,
    sessions: sessions.store,
    workspaces: workspaces.store,
    workspaceWasDeleted: (sessionUid) => deletedWorkspaces.has(sessionUid),
    record: (session, reason, note) =>
      events.record({ regarding: objectReference(SESSIONS, session), type: "Warning", reason, action: "End", note }),
  });
  const deletion = {
    client,
    mapper: new ResourceMapper({ client }),
    events: new TeardownEvents(events),
    clock: systemClock,
  };
  const workspaceReaper = new WorkspaceReaper({
    client,
    clock: systemClock,
    events: deletion.events,
    external: new ExternalObjects(deletion),
    cluster: new ClusterObjects(deletion),
    sessions: sessions.store,
    workspaces: workspaces.store,
    namespaces: namespaces.store,
    wasDeleted: (uid) => deletedNamespaces.has(uid),
  });

  manager.addController(
    {
      name: "session-reaper",
      concurrency: 16,
      reconcile: (name, signal) => sessionReaper.reconcile(name, signal),
      watches: [watching(sessions, ({ metadata }) => [metadata.name]), watching(workspaces, sessionNameOf)],
    },
    { elected: true },
  );
  manager.addController(
    {
      name: "workspace-reaper",
      concurrency: 16,
      reconcile: (name, signal) => workspaceReaper.reconcile(name, signal),
      watches: [
        watching(workspaces, ({ metadata }) => [metadata.name]),
        watching(namespaces, workspaceNameOf),
        // All that are its own, also one that it does not name.
        watching(sessions, ({ metadata }) =>
          workspaces.store.byIndex(SESSION_INDEX, metadata.name).map((workspace) => workspace.metadata.name),
        ),
      ],
    },
    { elected: true },
  );
  return manager;
}

function sessionNameOf({ spec }: Workspace): readonly string[] {
  return spec.session === undefined ? [] : [spec.session.name];
}

function workspaceNameOf({ metadata }: Namespace): readonly string[] {
  return [metadata.labels?.[LABELS.workspace] ?? ""];
}
