import { policyProfileSpecSchema, type PolicyProfile, type PolicyProfileSpec } from "@carrel/api";
import { findObject, POLICY_PROFILES, type KubeClient, type ReadonlyStore } from "@carrel/kube";

/** What a template is held against. */
export interface TemplateFacts {
  /** Profiles by name; among them all that the template in question names, if they exist. */
  readonly profiles: ReadonlyMap<string, PolicyProfileSpec>;
}

/** Where {@link TemplateFacts} come from. */
export interface TemplateFactSource {
  /**
   * @param named profiles that the template names.
   * @throws StatusError, TransportError when one of them cannot be looked up.
   */
  factsFor(named: readonly string[], signal: AbortSignal): Promise<TemplateFacts>;
}

/** The cache of profiles; one that a template names and the cache has not may have been made a moment ago: it is read. */
export class CachedTemplateFacts implements TemplateFactSource {
  readonly #client: KubeClient;
  readonly #store: Pick<ReadonlyStore<PolicyProfile>, "get" | "list">;

  constructor(client: KubeClient, store: Pick<ReadonlyStore<PolicyProfile>, "get" | "list">) {
    this.#client = client;
    this.#store = store;
  }

  async factsFor(named: readonly string[], signal: AbortSignal): Promise<TemplateFacts> {
    const missing = [...new Set(named)].filter((name) => this.#store.get(name) === undefined);
    const read = await Promise.all(missing.map((name) => findObject(this.#client, POLICY_PROFILES, name, { signal })));
    const found = [...this.#store.list(), ...read.filter((profile) => profile !== undefined)];
    const parsed = found.flatMap(({ metadata, spec }) => {
      const { data } = policyProfileSpecSchema.safeParse(spec);
      return data === undefined ? [] : ([[metadata.name, data]] as const);
    });
    return { profiles: new Map(parsed) };
  }
}
