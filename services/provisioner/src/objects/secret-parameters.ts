import { secretParametersName, type SessionTemplateSpec, type Workspace } from "@carrel/api";
import { findObject, SECRETS, type KubeClient } from "@carrel/kube";
import { CarrelError } from "@carrel/std";
import { referencesOf, type PlannedObject } from "@carrel/template";
import { secretTexts } from "../resources/secret-data.ts";

/**
 * Values of secret parameters. They are read when an object needs them and kept nowhere: what is stored of a session
 * tells nothing of them.
 */
export class SecretParameters {
  readonly #client: Pick<KubeClient, "get">;
  readonly #namespace: string;

  /** `namespace`: where each session's Secret is. */
  constructor(client: Pick<KubeClient, "get">, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
  }

  /**
   * The secret parameters that the object names, as variables; no call when there is none.
   * @throws CarrelError `INVALID` when it is no Secret, `NOT_YET` (retryable) when the session's Secret is not there.
   */
  async read(
    object: PlannedObject,
    { workspace, template }: { readonly workspace: Workspace; readonly template: SessionTemplateSpec },
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, string>>> {
    const secret = new Set(template.parameters.filter((parameter) => parameter.secret).map(({ name }) => name));
    const named = new Set(
      referencesOf([object.template, object.when ?? ""]).flatMap(({ name }) => {
        const parameter = name.startsWith("parameters.") ? name.slice("parameters.".length) : "";
        return secret.has(parameter) ? [parameter] : [];
      }),
    );
    if (named.size === 0) return {};
    if (object.apiVersion !== "v1" || object.kind !== "Secret") {
      throw new CarrelError("INVALID", "only a Secret may use a secret parameter");
    }
    const session = workspace.spec.session?.name ?? "";
    const name = secretParametersName(session);
    const found = await findObject(this.#client, SECRETS, name, { namespace: this.#namespace, signal });
    if (found === undefined) {
      throw new CarrelError("NOT_YET", `the secret parameters of ${session} are not there yet`, { retryable: true });
    }
    const texts = secretTexts(found.data);
    return Object.fromEntries([...named].map((parameter) => [`parameters.${parameter}`, texts[parameter] ?? ""]));
  }
}
