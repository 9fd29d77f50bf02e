import { templateOf, type CopiedSecret, type Workspace } from "@carrel/api";
import {
  isInvalid,
  isNotFound,
  SECRETS,
  type KubeClient,
  type ReadonlyStore,
  type ReconcileResult,
  type Secret,
} from "@carrel/kube";
import { isEnding } from "../sessions/is-ending.ts";
import { OBJECTS_MANAGER } from "./create-object.ts";
import { copyPatch, planSecretCopy } from "./plan-secret-copy.ts";
import type { SharedSecrets } from "./shared-secrets.ts";

export interface SecretCopyReconcilerOptions {
  readonly client: Pick<KubeClient, "jsonPatch">;
  readonly workspaces: Pick<ReadonlyStore<Workspace>, "get">;
  readonly shared: SharedSecrets;
}

/** While a workspace is being built, its copies may come a moment later, made of an older state of the source. */
const WHILE_BUILT_MS = 2_000;
/** Copies whose state is remembered; a forgotten one costs a call. */
const MAX_REMEMBERED = 50_000;

/**
 * Keeps copied Secrets in step: when a source changes, the copies in running sessions follow. A source that does not
 * consent any more, or is gone, or lacks a key, leaves them as they are until their sessions end.
 */
export class SecretCopyReconciler {
  readonly #options: SecretCopyReconcilerOptions;
  /** By the copy's key, the version of the source that it holds. */
  readonly #inStep = new Map<string, string>();

  constructor(options: SecretCopyReconcilerOptions) {
    this.#options = options;
  }

  /** `name`: of the Workspace. */
  async reconcile(name: string, signal: AbortSignal): Promise<ReconcileResult | void> {
    const workspace = this.#options.workspaces.get(name);
    if (workspace === undefined || isEnding(workspace)) return;
    let missing = false;
    for (const wanted of templateOf(workspace.spec).secrets) {
      const source = await this.#options.shared.find(wanted.from.namespace, wanted.from.name, signal);
      const plan = planSecretCopy(source, wanted, workspace);
      if (source === undefined || "missing" in plan) continue;
      for (const copy of plan.copies) missing = !(await this.#bringInStep(copy, versionOf(source), signal)) || missing;
    }
    if (missing && workspace.status?.phase !== "Ready") return { requeueAfterMs: WHILE_BUILT_MS };
  }

  /** @returns false when there is no such copy. */
  async #bringInStep(copy: Secret, version: string, signal: AbortSignal): Promise<boolean> {
    const { name, namespace = "" } = copy.metadata;
    const key = `${namespace}/${name}`;
    if (this.#inStep.get(key) === version) return true;
    try {
      const options = { namespace, fieldManager: OBJECTS_MANAGER, signal };
      await this.#options.client.jsonPatch(SECRETS, name, copyPatch(copy), options);
    } catch (error) {
      if (isNotFound(error)) return false;
      // Not our copy, or a type that needs other keys: nothing that trying again would change.
      if (!isInvalid(error)) throw error;
    }
    this.#inStep.delete(key);
    this.#inStep.set(key, version);
    const [oldest] = this.#inStep.keys();
    if (this.#inStep.size > MAX_REMEMBERED && oldest !== undefined) this.#inStep.delete(oldest);
    return true;
  }
}

/** Names of the sources of a workspace's copies, `namespace/name`: an index of Workspaces. */
export function sourcesOf({ spec }: Workspace): readonly string[] {
  // As it is stored, defaults not filled in.
  const secrets: readonly CopiedSecret[] | undefined = spec.template.spec.secrets;
  return (secrets ?? []).map(({ from }) => `${from.namespace}/${from.name}`);
}

function versionOf({ metadata }: Secret): string {
  return `${metadata.uid ?? ""}/${metadata.resourceVersion ?? ""}`;
}
