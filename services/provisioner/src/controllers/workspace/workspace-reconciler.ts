import { DESK_POD, policyProfileSpecSchema, templateOf, type PolicyProfile, type Workspace } from "@carrel/api";
import {
  isOwnedBy,
  NAMESPACES,
  OwnWrites,
  patchStatus,
  PODS,
  ROLE_BINDINGS,
  TerminalError,
  WORKSPACES,
  type KubeClient,
  type Namespace,
  type Pod,
  type ReadonlyStore,
  type ResourceQuota,
} from "@carrel/kube";
import type { Clock } from "@carrel/std";
import { planDeskPod } from "../../resources/desk-pod.ts";
import { planNamespace } from "../../resources/namespace.ts";
import { planContents } from "../../resources/plan-objects.ts";
import { planQuotas } from "../../resources/quota.ts";
import { planLearnerBinding } from "../../resources/rbac.ts";
import { primaryNamespace, type ClusterFacts, type WorkspaceContext } from "../../resources/workspace-context.ts";
import { ensureOwned } from "../ensure-owned.ts";
import { CreatedObjects } from "./created-objects.ts";
import { refusalOf } from "./refusal.ts";
import { observeDesk } from "./observe-desk.ts";
import { quotasObserved } from "./quotas-observed.ts";
import { planWorkspaceStatus, type WorkspaceObservation } from "./workspace-status.ts";

export interface WorkspaceReconcilerOptions {
  readonly client: KubeClient;
  readonly workspaces: Pick<ReadonlyStore<Workspace>, "get">;
  readonly profiles: Pick<ReadonlyStore<PolicyProfile>, "get">;
  readonly namespaces: Pick<ReadonlyStore<Namespace>, "get">;
  readonly pods: Pick<ReadonlyStore<Pod>, "get">;
  readonly quotas: Pick<ReadonlyStore<ResourceQuota>, "get">;
  readonly cluster: () => ClusterFacts;
  readonly clock: Clock;
}

/**
 * Brings a Workspace to Ready and keeps its desk alive. Creation never deletes: an ending Workspace is the reaper's.
 *
 * Stages, each a set of parallel calls that need the one before: namespace; its contents; desk and, once the quota
 * controller has taken the quotas up, the learner's RoleBinding; status.
 */
export class WorkspaceReconciler {
  readonly #options: WorkspaceReconcilerOptions;
  readonly #created = new CreatedObjects();
  readonly #writes = new OwnWrites<Workspace>();

  constructor(options: WorkspaceReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(name: string, signal: AbortSignal): Promise<void> {
    const cached = this.#options.workspaces.get(name);
    if (cached === undefined) return this.#writes.forget(name);
    const workspace = this.#writes.newest(cached);
    const uid = workspace.metadata.uid ?? "";
    if (workspace.metadata.deletionTimestamp !== undefined || workspace.status?.phase === "Terminating") {
      this.#created.forget(uid);
      return;
    }
    const observation = await this.#materialise(workspace, signal);
    await this.#writeStatus(workspace, observation, signal);
    // Once the status says Ready nothing is created any more but a desk that was lost.
    if (workspace.status?.phase === "Ready") this.#created.forget(uid);
  }

  /** The desk pod was deleted: the next reconcile makes a new one. */
  forgetDesk(workspaceUid: string): void {
    this.#created.forget(workspaceUid, DESK_POD);
  }

  async #materialise(workspace: Workspace, signal: AbortSignal): Promise<WorkspaceObservation> {
    const { client } = this.#options;
    const uid = workspace.metadata.uid ?? "";
    const wasReady = workspace.status?.phase === "Ready";
    try {
      const context = this.#context(workspace);
      const namespace = await this.#ensureNamespace(context, signal);
      if (namespace.metadata.deletionTimestamp !== undefined) {
        return {
          ready: false,
          reason: "ObjectRefused",
          message: `namespace ${namespace.metadata.name} is being deleted`,
          namespace,
        };
      }
      if (!wasReady) {
        await this.#created.ensure(uid, "contents", async () => {
          await Promise.all(
            planContents(context).map(({ resource, object }) => ensureOwned(client, resource, object, signal)),
          );
          return namespace;
        });
      }
      const pod = await this.#ensureDesk(context, signal);
      const bound = wasReady || (await this.#ensureLearnerBinding(context, signal));
      const desk = observeDesk(pod, wasReady);
      return {
        ...desk,
        ready: desk.ready && bound,
        reason: desk.ready && !bound ? "Creating" : desk.reason,
        namespace,
        pod,
      };
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      return { ready: false, ...refusal };
    }
  }

  async #ensureNamespace(context: WorkspaceContext, signal: AbortSignal): Promise<Namespace> {
    const { client, namespaces } = this.#options;
    const planned = planNamespace(context);
    const cached = namespaces.get(planned.metadata.name);
    if (cached !== undefined && isOwnedBy(cached, context.workspace.metadata.uid ?? "")) return cached;
    return await this.#created.ensure(context.workspace.metadata.uid ?? "", "namespace", () =>
      ensureOwned(client, NAMESPACES, planned, signal),
    );
  }

  async #ensureDesk(context: WorkspaceContext, signal: AbortSignal): Promise<Pod> {
    const { client, pods } = this.#options;
    const { workspace } = context;
    const uid = workspace.metadata.uid ?? "";
    const namespace = primaryNamespace(workspace);
    const cached = pods.get(DESK_POD, namespace);
    if (cached !== undefined && isFinished(cached) && cached.metadata.deletionTimestamp === undefined) {
      // Evicted or otherwise finished: a pod never starts again, so its place must be made free.
      await client.delete(PODS, DESK_POD, { namespace, uid: cached.metadata.uid, signal });
      return cached;
    }
    if (cached !== undefined) return cached;
    return await this.#created.ensure(uid, DESK_POD, () => ensureOwned(client, PODS, planDeskPod(context), signal));
  }

  /** @returns true once the learner has what the template grants. */
  async #ensureLearnerBinding(context: WorkspaceContext, signal: AbortSignal): Promise<boolean> {
    const binding = planLearnerBinding(context);
    if (binding === undefined) return true;
    const namespace = primaryNamespace(context.workspace);
    const names = planQuotas(context).map((quota) => quota.metadata.name);
    const observed = names.map((name) => this.#options.quotas.get(name, namespace));
    if (!quotasObserved(names, observed)) return false;
    await this.#created.ensure(context.workspace.metadata.uid ?? "", "binding", () =>
      ensureOwned(this.#options.client, ROLE_BINDINGS, binding, signal),
    );
    return true;
  }

  #context(workspace: Workspace): WorkspaceContext {
    const template = templateOf(workspace.spec);
    const profile = this.#options.profiles.get(template.policy.profile);
    if (profile === undefined && template.policy.profile !== "default") {
      throw new TerminalError(`there is no PolicyProfile ${template.policy.profile}`);
    }
    return {
      workspace,
      template,
      // Absent fields mean the strict defaults, and so does an absent `default` profile.
      profile: policyProfileSpecSchema.parse(profile?.spec ?? {}),
      variables: workspace.spec.variables,
      cluster: this.#options.cluster(),
    };
  }

  async #writeStatus(workspace: Workspace, observation: WorkspaceObservation, signal: AbortSignal): Promise<void> {
    const status = planWorkspaceStatus(workspace, observation, this.#options.clock.now());
    if (status === undefined) return;
    this.#writes.remember(await patchStatus(this.#options.client, WORKSPACES, workspace, status, { signal }));
  }
}

function isFinished(pod: Pod): boolean {
  return pod.status?.phase === "Failed" || pod.status?.phase === "Succeeded";
}
