import { DESK_POD, LABELS } from "@carrel/api";
import {
  isOwnedBy,
  isQuotaExceeded,
  NAMESPACES,
  PODS,
  RESOURCE_QUOTAS,
  SECRETS,
  SERVICE_ACCOUNTS,
  type KubeClient,
  type KubeObject,
  type Namespace,
  type Pod,
  type ReadonlyStore,
  type ResourceQuota,
  type Secret,
  type ServiceAccount,
} from "@carrel/kube";
import { generateSecrets, generatedVariables } from "@carrel/template";
import { planBindings } from "../../resources/access.ts";
import { planDeskPod } from "../../resources/desk-pod.ts";
import { generatedValues, planGeneratedSecret } from "../../resources/generated-secret.ts";
import { planNamespace } from "../../resources/namespace.ts";
import { planContents } from "../../resources/plan-contents.ts";
import type { PlannedObject } from "../../resources/planned-object.ts";
import { DESK_QUOTA, planQuotas } from "../../resources/quota.ts";
import { planDefaultAccount } from "../../resources/service-accounts.ts";
import { ownLabels, primaryNamespace, type WorkspaceContext } from "../../resources/workspace-context.ts";
import { ensureOwned } from "../ensure-owned.ts";
import { settleAll } from "../settle-all.ts";
import type { CreatedObjects } from "./created-objects.ts";
import { quotasObserved } from "./quotas-observed.ts";

export interface WorkspaceBuilderOptions {
  readonly client: KubeClient;
  readonly namespaces: Pick<ReadonlyStore<Namespace>, "get">;
  readonly pods: Pick<ReadonlyStore<Pod>, "get">;
  readonly quotas: Pick<ReadonlyStore<ResourceQuota>, "get">;
  readonly created: CreatedObjects;
}

/**
 * The calls that build a workspace, stage by stage; each may be repeated at any time. What depends on what: namespaces;
 * their contents; once the quota controller has taken the quotas up, the desk and the learner's rights.
 */
export class WorkspaceBuilder {
  readonly #options: WorkspaceBuilderOptions;

  constructor(options: WorkspaceBuilderOptions) {
    this.#options = options;
  }

  /** All of the workspace's namespaces, those that are being deleted included. */
  ensureNamespaces(context: WorkspaceContext, signal: AbortSignal): Promise<Namespace[]> {
    return settleAll(
      context.namespaces.map(async (namespace) => {
        const found = this.#namespace(context, namespace.name);
        if (found !== undefined) return found;
        const planned = planNamespace(context, namespace);
        return await this.#ensure(context, `namespace ${namespace.name}`, () =>
          ensureOwned(this.#options.client, NAMESPACES, planned, signal),
        );
      }),
    );
  }

  /** Those of the workspace's namespaces that exist, as far as this process knows. */
  knownNamespaces(context: WorkspaceContext): Namespace[] {
    return context.namespaces.flatMap(({ name }) => this.#namespace(context, name) ?? []);
  }

  /**
   * Account, quotas, limits, isolation, unbound rules, generated values: one stage.
   * @returns the variables of the generated values.
   */
  async ensureContents(context: WorkspaceContext, signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
    const contents = planContents(context);
    const accounts = context.namespaces.flatMap((namespace) => planDefaultAccount(context, namespace) ?? []);
    const [generated] = await settleAll([
      this.generated(context, signal),
      ...contents.map((planned) => this.#ensurePlanned(context, planned, signal)),
      ...accounts.map((account) => this.#applyAccount(context, account, signal)),
    ]);
    return generated;
  }

  /** The variables of the values that `generate` asks for; they are made on the first call, and read from then on. */
  async generated(context: WorkspaceContext, signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
    const { generate } = context.template;
    if (generate.length === 0) return {};
    const secret = await this.#ensure<Secret>(context, "generated", () =>
      ensureOwned(this.#options.client, SECRETS, planGeneratedSecret(context, generateSecrets(generate)), signal),
    );
    return generatedVariables(generatedValues(secret));
  }

  /** The desk as it is; a finished one is deleted, so that the next call makes another. */
  async ensureDesk(context: WorkspaceContext, signal: AbortSignal): Promise<Pod> {
    const { client } = this.#options;
    const cached = this.desk(context);
    if (cached === undefined) {
      try {
        return await this.#ensure(context, DESK_POD, () => ensureOwned(client, PODS, planDeskPod(context), signal));
      } catch (error) {
        if (isQuotaExceeded(error) && error.message.includes(`exceeded quota: ${DESK_QUOTA},`))
          await this.#recountDesks(context, signal);
        throw error;
      }
    }
    if (isFinished(cached) && cached.metadata.deletionTimestamp === undefined) {
      // Evicted or otherwise finished: a pod never starts again, so its place must be made free.
      const { namespace, uid } = cached.metadata;
      await client.delete(PODS, DESK_POD, { ...(namespace === undefined ? {} : { namespace }), uid, signal });
    }
    return cached;
  }

  /**
   * There is no desk, and its quota says that there is one. A create that is cut off between admission and storage leaves
   * its charge behind; the quota controller counts anew in minutes, or at once when the limit changes. Whoever dies
   * between the two calls leaves no room for a desk, and so for nobody: then it comes to this again.
   */
  async #recountDesks({ workspace }: WorkspaceContext, signal: AbortSignal): Promise<void> {
    const options = { namespace: primaryNamespace(workspace), signal };
    for (const pods of ["0", "1"]) {
      await this.#options.client.mergePatch(RESOURCE_QUOTAS, DESK_QUOTA, { spec: { hard: { pods } } }, options);
    }
  }

  /** The desk that the cache shows. */
  desk({ workspace }: Pick<WorkspaceContext, "workspace">): Pod | undefined {
    return this.#options.pods.get(DESK_POD, primaryNamespace(workspace));
  }

  /**
   * Whether all quotas are in force. A pod that comes before, while the quota controller counts, is charged by nobody
   * until the controller counts anew, minutes later; so none does, the desk included.
   */
  quotasInForce(context: WorkspaceContext): boolean {
    const planned = context.namespaces.flatMap((namespace) => planQuotas(context, namespace));
    return quotasObserved(planned, (name, namespace) => this.#options.quotas.get(name, namespace));
  }

  /** All that the template grants to the learner. Only once the quotas are in force. */
  async ensureBindings(context: WorkspaceContext, signal: AbortSignal): Promise<void> {
    await settleAll(planBindings(context).map((binding) => this.#ensurePlanned(context, binding, signal)));
  }

  /** Labels the namespaces with the session and tenant that have taken the workspace, where they are not yet. */
  async ensureLabels(context: WorkspaceContext, signal: AbortSignal): Promise<void> {
    const { [LABELS.session]: session, [LABELS.tenant]: tenant } = ownLabels(context.workspace);
    const wanted = { [LABELS.session]: session, [LABELS.tenant]: tenant };
    const missing = this.knownNamespaces(context).filter(({ metadata }) =>
      Object.entries(wanted).some(([key, value]) => value !== undefined && metadata.labels?.[key] !== value),
    );
    await settleAll(
      missing.map(({ metadata: { name, uid } }) =>
        this.#ensure(context, `labels ${name}`, () =>
          this.#options.client.mergePatch(NAMESPACES, name, { metadata: { uid, labels: wanted } }, { signal }),
        ),
      ),
    );
  }

  #namespace({ workspace }: WorkspaceContext, name: string): Namespace | undefined {
    const cached = this.#options.namespaces.get(name);
    if (cached !== undefined && isOwnedBy(cached, workspace.metadata.uid ?? "")) return cached;
    return this.#options.created.get(workspace.metadata, `namespace ${name}`) as Namespace | undefined;
  }

  /** Kubernetes makes this account too, whenever it likes. */
  #applyAccount(context: WorkspaceContext, account: ServiceAccount, signal: AbortSignal): Promise<ServiceAccount> {
    const { namespace = "" } = account.metadata;
    return this.#ensure(context, `pull ${namespace}`, () =>
      this.#options.client.apply(SERVICE_ACCOUNTS, account, { namespace, force: true, signal }),
    );
  }

  #ensurePlanned(context: WorkspaceContext, { resource, object }: PlannedObject, signal: AbortSignal): Promise<object> {
    const { namespace = "", name } = object.metadata;
    return this.#ensure(context, `${resource.kind} ${namespace}/${name}`, () =>
      ensureOwned(this.#options.client, resource, object, signal),
    );
  }

  #ensure<T extends KubeObject>({ workspace }: WorkspaceContext, key: string, create: () => Promise<T>): Promise<T> {
    return this.#options.created.ensure(workspace.metadata, key, create);
  }
}

function isFinished(pod: Pod): boolean {
  return pod.status?.phase === "Failed" || pod.status?.phase === "Succeeded";
}
