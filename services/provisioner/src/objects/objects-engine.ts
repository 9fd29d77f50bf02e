import { namespaceName, type WorkspaceStatus } from "@carrel/api";
import { hasCode, type Clock } from "@carrel/std";
import { planObjects, typedVariables, type PlannedObject, type Variables } from "@carrel/template";
import type { ObjectsEngine, ObjectsOutcome } from "../controllers/workspace/objects-port.ts";
import { settleAll } from "../controllers/settle-all.ts";
import type { WorkspaceContext } from "../resources/workspace-context.ts";
import { forEachBounded } from "./for-each-bounded.ts";
import { progressOf, type ObjectProgress } from "./object-progress.ts";
import type { ObjectSteps } from "./object-steps.ts";
import { planSteps } from "./plan-steps.ts";
import type { ObjectOwner } from "./prepare-object.ts";
import type { ObjectRefusal } from "./refusal-of-object.ts";
import type { SecretCopies } from "./secret-copies.ts";
import type { SecretParameters } from "./secret-parameters.ts";

export interface TemplateObjectsOptions {
  readonly steps: ObjectSteps;
  readonly copies: SecretCopies;
  readonly secretParameters: SecretParameters;
  readonly clock: Clock;
  /** Workspaces that are remembered, default 10,000. A forgotten one costs calls, nothing else. */
  readonly limit?: number;
}

/** What the engine reads of a workspace. */
export type ObjectsContext = Pick<WorkspaceContext, "workspace" | "template" | "variables">;

interface Memory {
  readonly progress: Map<string, ObjectProgress>;
  outputs: Readonly<Record<string, string>>;
  /** Why the failed one failed. */
  reason: ObjectRefusal["reason"];
  /** The copied secrets are there. */
  copied: boolean;
}

/** One call of {@link TemplateObjects.reconcile}. */
interface Pass {
  readonly context: ObjectsContext;
  readonly owner: ObjectOwner;
  readonly memory: Memory;
  readonly signal: AbortSignal;
}

/** Calls at once for one workspace. */
const PARALLEL = 16;

/**
 * Creates the objects and copied secrets that a template brings along. Level-triggered: each call does what can be done
 * now, and says when to ask again. What it remembers only saves calls: after a restart the Workspace's status and the
 * objects themselves tell the same.
 */
export class TemplateObjects implements ObjectsEngine {
  readonly #options: TemplateObjectsOptions;
  /** By the Workspace's UID, the one used last at the end. */
  readonly #memory = new Map<string, Memory>();

  constructor(options: TemplateObjectsOptions) {
    this.#options = options;
  }

  /** @throws StatusError, TransportError when nothing can be said about any object; the signal's reason. */
  async reconcile(context: ObjectsContext, stage: "build" | "claim", signal: AbortSignal): Promise<ObjectsOutcome> {
    const { template, workspace } = context;
    if (template.objects.length === 0 && template.secrets.length === 0) return { objects: [], outputs: {}, done: true };
    const { name } = workspace.metadata;
    const short = template.namespaces.map((namespace) => namespace.name);
    const owner = {
      workspace,
      namespaces: [namespaceName(name), ...short.map((suffix) => namespaceName(name, suffix))],
    };
    const all = plannedOrRefused(() => planObjects(template, { name, namespaces: short }));
    if (typeof all === "string") return { objects: [], outputs: {}, done: false, failure: all };
    const planned = all.filter((object) => stage === "claim" || object.stage === "build");
    const pass = { context, owner, memory: this.#recall(context, planned), signal };
    const [refused, outcome] = await settleAll([this.#copySecrets(pass), this.#advance(all, planned, pass)]);
    return refused === undefined ? outcome : { ...outcome, ...refused, done: false };
  }

  forget(workspaceUid: string): void {
    this.#memory.delete(workspaceUid);
  }

  async #copySecrets({
    context,
    memory,
    signal,
  }: Pass): Promise<Pick<ObjectsOutcome, "failure" | "reason"> | undefined> {
    if (memory.copied) return undefined;
    const refused = await this.#options.copies.ensure(context, signal);
    memory.copied = refused === undefined;
    return refused;
  }

  async #advance(
    all: readonly PlannedObject[],
    planned: readonly PlannedObject[],
    pass: Pass,
  ): Promise<ObjectsOutcome> {
    const { memory } = pass;
    // What falls due while we work is for the next call: this one comes to an end.
    const nowMs = this.#options.clock.now();
    for (;;) {
      const { create, look, wakeAtMs, done } = planSteps(planned, memory.progress, nowMs);
      if (create.length === 0 && look.length === 0) {
        const pollAfterMs = wakeAtMs === undefined ? undefined : Math.max(1, wakeAtMs - this.#options.clock.now());
        return { ...outcomeOf(all, memory), done, ...(pollAfterMs === undefined ? {} : { pollAfterMs }) };
      }
      const creating = new Set(create);
      await forEachBounded([...look, ...create], PARALLEL, (object) => this.#step(object, creating.has(object), pass));
    }
  }

  async #step(object: PlannedObject, creates: boolean, pass: Pass): Promise<void> {
    const { memory, signal, owner } = pass;
    const { steps } = this.#options;
    const before = memory.progress.get(object.name);
    const result =
      creates || before === undefined
        ? await steps.create({ planned: object, before, owner, variables: () => this.#variables(object, pass) }, signal)
        : await steps.look(object, before, signal);
    memory.progress.set(object.name, result.progress);
    if (result.reason !== undefined) memory.reason = result.reason;
    // A skipped object has no values; what names them may say what to take instead.
    const values = result.progress.status.state === "Skipped" ? emptied(object.outputs) : result.outputs;
    for (const [field, value] of Object.entries(values ?? {})) {
      memory.outputs = { ...memory.outputs, [`${object.name}.${field}`]: value };
    }
  }

  async #variables(object: PlannedObject, { context, memory, signal }: Pass): Promise<Variables> {
    const secrets = await this.#options.secretParameters.read(object, context, signal);
    const known = Object.entries(context.variables).map(([name, value]) => [name, String(value)] as const);
    const outputs = Object.entries(memory.outputs).map(([name, value]) => [`outputs.${name}`, value] as const);
    return typedVariables(context.template, { ...Object.fromEntries([...known, ...outputs]), ...secrets });
  }

  #recall({ workspace }: ObjectsContext, planned: readonly PlannedObject[]): Memory {
    const uid = workspace.metadata.uid ?? "";
    const known = this.#memory.get(uid) ?? remembered(workspace.status, planned);
    this.#memory.delete(uid);
    this.#memory.set(uid, known);
    const [oldest] = this.#memory.keys();
    if (this.#memory.size > (this.#options.limit ?? 10_000) && oldest !== undefined) this.#memory.delete(oldest);
    return known;
  }
}

function remembered(status: WorkspaceStatus | undefined, planned: readonly PlannedObject[]): Memory {
  const outputs = status?.outputs ?? {};
  return {
    progress: progressOf(status, planned),
    outputs,
    reason: "ObjectsFailed",
    copied: status?.phase === "Ready",
  };
}

/** The plan, or why there is none: a template that the lint would have refused. */
function plannedOrRefused(plan: () => readonly PlannedObject[]): readonly PlannedObject[] | string {
  try {
    return plan();
  } catch (error) {
    if (hasCode(error, "INVALID")) return error.message;
    throw error;
  }
}

function emptied(outputs: PlannedObject["outputs"]): Record<string, string> {
  return Object.fromEntries(Object.keys(outputs).map((field) => [field, ""]));
}

function outcomeOf(all: readonly PlannedObject[], memory: Memory): Omit<ObjectsOutcome, "done"> {
  const objects = all.flatMap(({ name }) => memory.progress.get(name)?.status ?? []);
  const failed = objects.find(({ state }) => state === "Failed");
  const { outputs, reason } = memory;
  if (failed === undefined) return { objects, outputs };
  return { objects, outputs, failure: failed.message ?? failed.name, reason };
}
