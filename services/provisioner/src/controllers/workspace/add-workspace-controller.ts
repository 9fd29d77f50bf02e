import { DESK_POD, LABELS, MANAGED_BY, ROLE_DESK, type PolicyProfile, type Workspace } from "@carrel/api";
import {
  NAMESPACES,
  PODS,
  RESOURCE_QUOTAS,
  watching,
  type Informer,
  type KubeObject,
  type Manager,
} from "@carrel/kube";
import { systemClock } from "@carrel/std";
import { WorkspaceReconciler, type WorkspaceReconcilerOptions } from "./workspace-reconciler.ts";

export interface WorkspaceControllerOptions extends Pick<WorkspaceReconcilerOptions, "client" | "objects" | "cluster"> {
  readonly workspaces: Informer<Workspace>;
  readonly profiles: Informer<PolicyProfile>;
  /** Over the same Workspaces. */
  readonly statuses: WorkspaceReconcilerOptions["workspaces"];
}

/** Adds what builds workspaces, on the leader, with the caches that only it reads. */
export function addWorkspaceController(manager: Manager, options: WorkspaceControllerOptions): void {
  const { client, objects, cluster, workspaces, profiles, statuses } = options;
  const managed = { labelSelector: `${LABELS.managedBy}=${MANAGED_BY},${LABELS.workspace}` };
  const namespaces = manager.informer(NAMESPACES, managed);
  const quotas = manager.informer(RESOURCE_QUOTAS, managed);
  const pods = manager.informer(PODS, { labelSelector: `${LABELS.role}=${ROLE_DESK}` });
  const reconciler = new WorkspaceReconciler({
    client,
    objects,
    cluster,
    clock: systemClock,
    workspaces: statuses,
    profiles: profiles.store,
    namespaces: namespaces.store,
    quotas: quotas.store,
    pods: pods.store,
  });
  pods.addHandler({
    onDelete: (pod) => {
      if (pod.metadata.name === DESK_POD) reconciler.forgetDesk(workspaceOf(pod)[0] ?? "");
    },
  });
  manager.addController(
    {
      name: "workspace",
      concurrency: 32,
      reconcile: (name, signal) => reconciler.reconcile(name, signal),
      watches: [
        watching(workspaces, ({ metadata }) => [metadata.name]),
        watching(namespaces, workspaceOf),
        watching(quotas, workspaceOf),
        watching(pods, workspaceOf),
      ],
    },
    { elected: true },
  );
}

function workspaceOf({ metadata }: KubeObject): readonly string[] {
  const name = metadata.labels?.[LABELS.workspace];
  return name === undefined ? [] : [name];
}
