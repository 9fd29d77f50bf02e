import type { SessionTemplateSpec, Workspace } from "@carrel/api";
import { SECRETS, type KubeClient } from "@carrel/kube";
import type { ObjectsOutcome } from "../controllers/workspace/objects-port.ts";
import { createObject } from "./create-object.ts";
import { forEachBounded } from "./for-each-bounded.ts";
import { planSecretCopy } from "./plan-secret-copy.ts";
import { refusalOfObject } from "./refusal-of-object.ts";
import type { SharedSecrets } from "./shared-secrets.ts";

/** Why a workspace cannot have its Secrets. */
export type CopyRefusal = Required<Pick<ObjectsOutcome, "failure" | "reason">>;

const PARALLEL = 16;

/** Copies the Secrets that a template asks for into the namespaces of a new workspace. */
export class SecretCopies {
  readonly #client: Pick<KubeClient, "create" | "get">;
  readonly #shared: SharedSecrets;

  constructor(client: Pick<KubeClient, "create" | "get">, shared: SharedSecrets) {
    this.#client = client;
    this.#shared = shared;
  }

  /**
   * Idempotent: copies that are there are left to {@link SecretCopyReconciler}.
   * @returns why one cannot be made, now or later; undefined when all are there.
   * @throws StatusError, TransportError when trying again may help; the signal's reason.
   */
  async ensure(
    { workspace, template }: { readonly workspace: Workspace; readonly template: SessionTemplateSpec },
    signal: AbortSignal,
  ): Promise<CopyRefusal | undefined> {
    let refused: CopyRefusal | undefined;
    await forEachBounded(template.secrets, PARALLEL, async (wanted) => {
      const source = await this.#shared.find(wanted.from.namespace, wanted.from.name, signal);
      const plan = planSecretCopy(source, wanted, workspace);
      if ("missing" in plan) {
        refused ??= { failure: plan.missing, reason: "SourceMissing" };
        return;
      }
      for (const copy of plan.copies) {
        try {
          await createObject(this.#client, SECRETS, copy, signal);
        } catch (error) {
          const refusal = refusalOfObject(error);
          if (refusal === undefined) throw error;
          const { name, namespace = "" } = copy.metadata;
          refused ??= {
            failure: `the copy ${name} in ${namespace} of a Secret: ${refusal.message}`,
            reason: refusal.reason,
          };
        }
      }
    });
    return refused;
  }
}
