import { ANNOTATIONS } from "@carrel/api";
import { findObject, isForbidden, SECRETS, type KubeClient, type ReadonlyStore, type Secret } from "@carrel/kube";

/** Where copied Secrets come from. */
export interface SharedSecrets {
  /**
   * The Secret as the API server has it: from the cache when that holds it, else by a call, since a cache that lags must
   * not refuse anybody. Undefined for one that does not exist, or outside of the namespaces that are shared.
   * @throws StatusError, TransportError.
   */
  find(namespace: string, name: string, signal: AbortSignal): Promise<Secret | undefined>;
}

/** The Secrets of the namespaces that the operator named, and of no others: Carrel may read no others. */
export class CachedSharedSecrets implements SharedSecrets {
  readonly #client: Pick<KubeClient, "get">;
  readonly #stores: ReadonlyMap<string, Pick<ReadonlyStore<Secret>, "get">>;

  constructor(client: Pick<KubeClient, "get">, stores: ReadonlyMap<string, Pick<ReadonlyStore<Secret>, "get">>) {
    this.#client = client;
    this.#stores = stores;
  }

  async find(namespace: string, name: string, signal: AbortSignal): Promise<Secret | undefined> {
    const store = this.#stores.get(namespace);
    if (store === undefined) return undefined;
    const cached = store.get(name, namespace);
    if (cached !== undefined && isShared(cached)) return cached;
    try {
      return await findObject(this.#client, SECRETS, name, { namespace, signal });
    } catch (error) {
      // The namespace was deleted, and with it the right to read it.
      if (isForbidden(error)) return undefined;
      throw error;
    }
  }
}

/** How a cache keeps a Secret: one that is shared with nobody without its values. */
export function withoutUnsharedValues(secret: Secret): Secret {
  if (isShared(secret)) return secret;
  const { data: _, ...rest } = secret;
  return rest;
}

function isShared({ metadata }: Secret): boolean {
  return metadata.annotations?.[ANNOTATIONS.sharedWith] !== undefined;
}
