import {
  apiVersionOf,
  findObject,
  isNotFound,
  type KubeClient,
  type KubeObject,
  type Resource,
  type ResourceMapper,
} from "@carrel/kube";
import { CarrelError, hasCode, parseDurationMs, type Clock } from "@carrel/std";
import { renderVariables, type PlannedObject, type Variables } from "@carrel/template";
import { createObject } from "./create-object.ts";
import type { ObjectProgress, ObjectStatus } from "./object-progress.ts";
import { observeObject } from "./observe-object.ts";
import { lookDelayMs, retryDelayMs } from "./pacing.ts";
import { prepareObject, type ObjectOwner } from "./prepare-object.ts";
import { refusalOfObject, type ObjectRefusal } from "./refusal-of-object.ts";

export interface ObjectStepsOptions {
  readonly client: Pick<KubeClient, "create" | "get">;
  readonly mapper: Pick<ResourceMapper, "resourceOf" | "forget">;
  readonly clock: Clock;
  /** Whether every ceiling lets templates bring this cluster-scoped kind along. */
  readonly allowsClusterKind: (group: string, kind: string) => boolean;
}

/** One object to create. */
export interface Creation {
  readonly planned: PlannedObject;
  readonly before: ObjectProgress | undefined;
  readonly owner: ObjectOwner;
  /** Values of all that its manifest names. */
  readonly variables: () => Promise<Variables>;
}

/** What a step about one object led to. */
export interface StepResult {
  readonly progress: ObjectProgress;
  /** Of an object that is ready: the values of its outputs, by field. */
  readonly outputs?: Readonly<Record<string, string>>;
  /** Of one that failed. */
  readonly reason?: ObjectRefusal["reason"];
}

/** How long an object may take to have its outputs when its template does not say. */
const DEFAULT_TIMEOUT = "2m";
/** The longest message that a status holds. */
const MAX_MESSAGE = 1024;

/** The calls about single objects of a template; what they mean is decided in the pure files beside this one. */
export class ObjectSteps {
  readonly #options: ObjectStepsOptions;

  constructor(options: ObjectStepsOptions) {
    this.#options = options;
  }

  /**
   * Creates an object, unless its `when` says no.
   * @throws what says nothing about the object: the signal's reason, an API server that cannot be reached.
   */
  async create({ planned, before, owner, variables }: Creation, signal: AbortSignal): Promise<StepResult> {
    let status = before?.status ?? statusOf(planned);
    try {
      assertNoSecretOutputs(planned);
      const values = await variables();
      if (planned.when !== undefined && String(renderVariables(planned.when, values)) !== "true") {
        return settled({ ...status, state: "Skipped" });
      }
      const resource = await this.#resourceOf(planned, signal);
      const object = prepareObject(planned.name, resource, renderVariables(planned.template, values), owner);
      const { name, namespace } = object.metadata;
      status = { ...status, object: name, ...(namespace === undefined ? {} : { namespace }) };
      return this.#judge(planned, status, await this.#create(resource, object, signal));
    } catch (error) {
      return this.#failed(error, status, before?.tries ?? 0, signal);
    }
  }

  /** Looks whether an object that exists is ready by now. @throws as {@link create}. */
  async look(planned: PlannedObject, before: ObjectProgress, signal: AbortSignal): Promise<StepResult> {
    const { status } = before;
    try {
      const resource = await this.#resourceOf(planned, signal);
      const options = status.namespace === undefined ? { signal } : { namespace: status.namespace, signal };
      const found = await findObject(this.#options.client, resource, status.object, options);
      const gone = found?.metadata.uid !== status.uid || found?.metadata.deletionTimestamp !== undefined;
      if (found === undefined || gone) return failure(status, "it was deleted before it was ready");
      return this.#judge(planned, status, found);
    } catch (error) {
      return this.#failed(error, status, before.tries, signal);
    }
  }

  async #resourceOf({ apiVersion, kind }: PlannedObject, signal: AbortSignal): Promise<Resource> {
    const resource = await this.#options.mapper.resourceOf(apiVersion, kind, { signal });
    if (resource.namespaced || this.#options.allowsClusterKind(resource.group, kind)) return resource;
    throw new CarrelError(
      "INVALID",
      `${kind} of ${apiVersion} is cluster-scoped and not among the ceiling's clusterObjects`,
    );
  }

  async #create(of: Resource, object: KubeObject, signal: AbortSignal): Promise<KubeObject> {
    try {
      return await createObject(this.#options.client, of, object, signal);
    } catch (error) {
      // The kind is not where it was: its CRD is another one by now, or gone.
      if (isNotFound(error)) this.#options.mapper.forget(apiVersionOf(of));
      throw error;
    }
  }

  #judge(planned: PlannedObject, before: ObjectStatus, object: KubeObject): StepResult {
    const { message: _, ...rest } = before;
    const status = { ...rest, ...(object.metadata.uid === undefined ? {} : { uid: object.metadata.uid }) };
    const seen = observeObject(object, planned);
    if (seen.state === "ready") return { ...settled({ ...status, state: "Ready" }), outputs: seen.outputs };
    if (seen.state === "failed") return failure(status, seen.message);
    const nowMs = this.#options.clock.now();
    const createdAtMs = Date.parse(object.metadata.creationTimestamp ?? "") || nowMs;
    const timeout = planned.waitFor?.timeout ?? DEFAULT_TIMEOUT;
    const leftMs = createdAtMs + parseDurationMs(timeout) - nowMs;
    if (leftMs <= 0) return failure(status, `not ready after ${timeout}: ${seen.message}`);
    const nextAtMs = nowMs + lookDelayMs(nowMs - createdAtMs, leftMs);
    return { progress: { status: waiting(status, seen.message), createdAtMs, tries: 0, nextAtMs } };
  }

  #failed(error: unknown, status: ObjectStatus, tries: number, signal: AbortSignal): StepResult {
    signal.throwIfAborted();
    if (hasCode(error, "KUBE_UNREACHABLE")) throw error;
    const refusal = refusalOfObject(error);
    if (refusal !== undefined) return failure(status, refusal.message, refusal.reason);
    const message = error instanceof Error ? error.message : String(error);
    const hintMs = error instanceof CarrelError ? (error.retryAfterMs ?? 0) : 0;
    const nextAtMs = this.#options.clock.now() + Math.max(hintMs, retryDelayMs(tries));
    return { progress: { status: waiting(status, message), tries: tries + 1, nextAtMs } };
  }
}

/** Outputs are stored in the open. */
function assertNoSecretOutputs({ apiVersion, kind, outputs }: PlannedObject): void {
  if (apiVersion !== "v1" || kind !== "Secret" || Object.keys(outputs).length === 0) return;
  throw new CarrelError("INVALID", "a Secret has no outputs: they would stand in the Workspace's status");
}

function statusOf({ name, apiVersion, kind }: PlannedObject): ObjectStatus {
  return { name, apiVersion, kind, object: "", state: "Waiting" };
}

function waiting(status: ObjectStatus, message: string): ObjectStatus {
  return { ...status, state: "Waiting", message: message.slice(0, MAX_MESSAGE) };
}

function settled(status: ObjectStatus): StepResult {
  return { progress: { status, tries: 0, nextAtMs: 0 } };
}

function failure(status: ObjectStatus, why: string, reason: ObjectRefusal["reason"] = "ObjectsFailed"): StepResult {
  const where = status.namespace === undefined ? "" : ` in ${status.namespace}`;
  const what = status.object === "" ? status.kind : `${status.kind} ${status.object}${where}`;
  const message = `${status.name} (${what}): ${why}`.slice(0, MAX_MESSAGE);
  return { ...settled({ ...status, state: "Failed", message }), reason };
}
