import { DESK_POD, type PolicyProfile, type Workspace } from "@carrel/api";
import {
  findCondition,
  patchStatus,
  TerminalError,
  WORKSPACES,
  type KubeClient,
  type Namespace,
  type Pod,
  type ReadonlyStore,
  type ReconcileResult,
  type ResourceQuota,
} from "@carrel/kube";
import type { Clock } from "@carrel/std";
import { referencesOf } from "@carrel/template";
import { buildContext } from "../../resources/build-context.ts";
import { pullSecrets } from "../../resources/service-accounts.ts";
import { templateRefusal } from "../../resources/template-refusal.ts";
import type { ClusterFacts, WorkspaceContext } from "../../resources/workspace-context.ts";
import { isEnding } from "../../sessions/is-ending.ts";
import { settleAll } from "../settle-all.ts";
import { CreatedObjects } from "./created-objects.ts";
import type { ObjectsEngine, ObjectsOutcome } from "./objects-port.ts";
import { observeWorkspace, type WorkspaceFacts } from "./observe-workspace.ts";
import { refusalOf } from "./refusal.ts";
import { WorkspaceBuilder } from "./workspace-builder.ts";
import { planWorkspaceStatus, type WorkspaceObservation } from "./workspace-status.ts";
import type { WorkspaceStatuses } from "./workspace-statuses.ts";

export interface WorkspaceReconcilerOptions {
  readonly client: KubeClient;
  readonly workspaces: WorkspaceStatuses;
  readonly profiles: Pick<ReadonlyStore<PolicyProfile>, "get" | "list">;
  readonly namespaces: Pick<ReadonlyStore<Namespace>, "get">;
  readonly pods: Pick<ReadonlyStore<Pod>, "get">;
  readonly quotas: Pick<ReadonlyStore<ResourceQuota>, "get">;
  readonly objects: ObjectsEngine;
  readonly cluster: () => ClusterFacts;
  readonly clock: Clock;
}

type Variables = Readonly<Record<string, string>>;

/** The quota controller takes milliseconds; after this long something is wrong with it, and is told. */
const QUOTAS_LATE_MS = 5_000;

/**
 * Brings a Workspace to Ready, gives it to the session that claims it, and keeps its desk alive. Creation never
 * deletes: an ending Workspace is the reaper's.
 *
 * Stages, each a set of parallel calls that need the one before: namespaces; their contents; and once the quota
 * controller has taken the quotas up the desk, the learner's rights and the objects; status.
 */
export class WorkspaceReconciler {
  readonly #options: WorkspaceReconcilerOptions;
  readonly #created = new CreatedObjects();
  readonly #builder: WorkspaceBuilder;

  constructor(options: WorkspaceReconcilerOptions) {
    this.#options = options;
    this.#builder = new WorkspaceBuilder({ ...options, created: this.#created });
  }

  async reconcile(name: string, signal: AbortSignal): Promise<ReconcileResult> {
    const { clock, client, objects, workspaces } = this.#options;
    const workspace = workspaces.get(name);
    if (workspace === undefined || isEnding(workspace)) {
      this.#created.forget(name);
      workspaces.forget(name);
      objects.forget(workspace?.metadata.uid ?? "");
      return {};
    }
    const { observation, pollAfterMs } = await this.#build(workspace, signal);
    const status = planWorkspaceStatus(workspace, observation, clock.now());
    if (status !== undefined) {
      await workspaces.write(workspace, status, () => patchStatus(client, WORKSPACES, workspace, status, { signal }));
    }
    // From now on nothing is created any more but a desk that was lost and what a claim asks for.
    if (observation.ready) this.#created.forget(name);
    return pollAfterMs === undefined ? {} : { requeueAfterMs: pollAfterMs };
  }

  /** The desk pod was deleted: the next reconcile makes a new one. */
  forgetDesk(workspace: string): void {
    this.#created.forget(workspace, DESK_POD);
  }

  async #build(
    workspace: Workspace,
    signal: AbortSignal,
  ): Promise<{ readonly observation: WorkspaceObservation; readonly pollAfterMs?: number }> {
    const wasReady = workspace.status?.phase === "Ready";
    let context: WorkspaceContext | undefined;
    try {
      context = this.#context(workspace);
      if (!wasReady) this.#requireLawful(context);
      const facts = await (wasReady ? this.#keep(context, signal) : this.#start(context, signal));
      const pollAfterMs = facts.late === false ? QUOTAS_LATE_MS : facts.outcome?.pollAfterMs;
      return { observation: observeWorkspace(context, facts), ...(pollAfterMs === undefined ? {} : { pollAfterMs }) };
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      const namespaces = context === undefined ? [] : this.#builder.knownNamespaces(context);
      return { observation: { ready: false, ...refusal, namespaces, claiming: isClaiming(workspace) } };
    }
  }

  /** Everything of a Workspace that was never Ready. */
  async #start(bare: WorkspaceContext, signal: AbortSignal): Promise<WorkspaceFacts> {
    const builder = this.#builder;
    const namespaces = await builder.ensureNamespaces(bare, signal);
    const leaving = namespaces.find(({ metadata }) => metadata.deletionTimestamp !== undefined);
    if (leaving !== undefined) throw new TerminalError(`namespace ${leaving.metadata.name} is being deleted`);
    const context = this.#context(bare.workspace, await builder.ensureContents(bare, signal));

    if (!builder.quotasInForce(context)) {
      const since = Date.parse(namespaces[0]?.metadata.creationTimestamp ?? "");
      const late = this.#options.clock.now() - since > QUOTAS_LATE_MS;
      return { namespaces, pod: builder.desk(context), bound: false, late, outcome: undefined, claiming: false };
    }
    const claimed = context.workspace.spec.session !== undefined;
    const objects = this.#options.objects.reconcile(context, claimed ? "claim" : "build", signal);
    const desk: Promise<Pod | undefined> = needsObjects(context)
      ? objects.then((outcome) => this.#deskAfter(context, outcome, signal))
      : builder.ensureDesk(context, signal);
    const [pod, outcome] = await settleAll([
      desk,
      objects,
      builder.ensureBindings(context, signal),
      // Of a spare that was taken before it was Ready.
      claimed ? builder.ensureLabels(context, signal) : Promise.resolve(),
    ]);
    return { namespaces, pod, bound: true, outcome, claiming: false };
  }

  /** A desk for a Workspace that is Ready, and what a session that has taken it asks for. Living pods are left alone. */
  async #keep(bare: WorkspaceContext, signal: AbortSignal): Promise<WorkspaceFacts> {
    const builder = this.#builder;
    const { workspace } = bare;
    const claiming = isClaiming(workspace);
    const needsValues = claiming || builder.desk(bare) === undefined;
    const context = needsValues ? this.#context(workspace, await builder.generated(bare, signal)) : bare;
    const [pod, outcome] = await settleAll([
      builder.ensureDesk(context, signal),
      claiming ? this.#options.objects.reconcile(context, "claim", signal) : Promise.resolve(undefined),
      claiming ? builder.ensureLabels(context, signal) : Promise.resolve(),
    ]);
    return { namespaces: builder.knownNamespaces(context), pod, bound: true, outcome, claiming };
  }

  /** A desk that needs something of the objects: undefined until that is there. */
  #deskAfter(context: WorkspaceContext, { outputs }: ObjectsOutcome, signal: AbortSignal): Promise<Pod> | undefined {
    const known = { ...context, variables: { ...context.variables, ...outputVariables(outputs) } };
    const missing = outputsOfDesk(context).some((name) => !Object.hasOwn(known.variables, name));
    return missing ? undefined : this.#builder.ensureDesk(known, signal);
  }

  #context(workspace: Workspace, generated: Variables = {}): WorkspaceContext {
    const { cluster, profiles } = this.#options;
    const known = { ...generated, ...outputVariables(workspace.status?.outputs ?? {}) };
    return buildContext(workspace, (name) => profiles.get(name), cluster(), known);
  }

  /**
   * Before anything of a template is made, it is held against the ceilings once more: an author may have found a moment
   * in which the webhook was away. @throws TerminalError with what is wrong.
   */
  #requireLawful(context: WorkspaceContext): void {
    if (this.#builder.knownNamespaces(context).length > 0) return;
    const { template: spec, workspace } = context;
    const template = { metadata: { name: workspace.spec.template.name }, spec };
    const refusal = templateRefusal(template, this.#options.profiles.list());
    if (refusal !== undefined) throw new TerminalError(refusal);
  }
}

/** True when a session has taken a Ready Workspace, and what that asks for was not seen through yet. */
function isClaiming({ metadata, spec, status }: Workspace): boolean {
  if (spec.session === undefined || status?.phase !== "Ready") return false;
  const seen = findCondition(status.conditions, "Ready")?.observedGeneration ?? 0;
  return seen < (metadata.generation ?? 0);
}

function outputVariables(outputs: Variables): Variables {
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [`outputs.${name}`, value]));
}

function outputsOfDesk({ template }: WorkspaceContext): string[] {
  return referencesOf(template.workspace.template)
    .map(({ name }) => name)
    .filter((name) => name.startsWith("outputs."));
}

/** Whether the desk starts only after objects: it uses their outputs, or its image needs a copied Secret. */
function needsObjects(context: WorkspaceContext): boolean {
  const pulls = pullSecrets(context, context.namespaces[0].alias).imagePullSecrets !== undefined;
  return pulls || outputsOfDesk(context).length > 0;
}
