import { policyProfileSpecSchema, type PolicyProfile, type PolicyProfileSpec, type Workspace } from "@carrel/api";
import type { Namespace } from "@carrel/kube";
import type { Facts } from "../decision/facts.ts";
import { DEFAULT_PROFILE } from "../rules/effective-profile.ts";
import type { ReadThrough } from "./read-through.ts";
import { ownsNamespace, profileNameOf, workspaceFact, workspaceNameOf } from "./workspace-fact.ts";

/** Where decisions get their facts. */
export interface FactSource {
  /**
   * The facts about a namespace: at once when the caches have them, else after reads of the API server.
   * @throws StatusError, TransportError when they cannot be had.
   */
  factsFor(namespace: string): Facts | Promise<Facts>;
}

const UNKNOWN: Facts = { workspace: { state: "unknown" } };

/** Facts from the caches of namespaces, workspaces and policy profiles; each miss is one read of the API server. */
export class CachedFactSource implements FactSource {
  readonly #namespaces: ReadThrough<Namespace>;
  readonly #workspaces: ReadThrough<Workspace>;
  readonly #profiles: ReadThrough<PolicyProfile>;
  /** A profile that does not fit its schema is none. */
  readonly #parsed = new WeakMap<PolicyProfile, { readonly spec: PolicyProfileSpec | undefined }>();

  constructor(
    namespaces: ReadThrough<Namespace>,
    workspaces: ReadThrough<Workspace>,
    profiles: ReadThrough<PolicyProfile>,
  ) {
    this.#namespaces = namespaces;
    this.#workspaces = workspaces;
    this.#profiles = profiles;
  }

  factsFor(name: string): Facts | Promise<Facts> {
    const namespace = this.#namespaces.cached(name, (object) => workspaceNameOf(object) !== undefined);
    const workspaceName = workspaceNameOf(namespace);
    if (namespace === undefined || workspaceName === undefined) return this.#read(name);
    const workspace = this.#workspaces.cached(workspaceName, (object) => ownsNamespace(object, namespace));
    if (workspace === undefined) return this.#read(name);
    const profile = this.#profiles.cached(profileNameOf(workspace, name));
    if (profile === undefined && !this.#needsNoProfile(workspace, name)) return this.#read(name);
    return { workspace: workspaceFact(workspace, profile && this.#specOf(profile), name) };
  }

  async #read(name: string): Promise<Facts> {
    const namespace = await this.#namespaces.get(name, (object) => workspaceNameOf(object) !== undefined);
    const workspaceName = workspaceNameOf(namespace);
    if (namespace === undefined || workspaceName === undefined) return UNKNOWN;
    const workspace = await this.#workspaces.get(workspaceName, (object) => ownsNamespace(object, namespace));
    if (workspace === undefined || !ownsNamespace(workspace, namespace)) return UNKNOWN;
    const profile = this.#needsNoProfile(workspace, name)
      ? undefined
      : await this.#profiles.get(profileNameOf(workspace, name));
    return { workspace: workspaceFact(workspace, profile && this.#specOf(profile), name) };
  }

  /**
   * The default profile need not exist, so its absence is an ordinary fact, and the cache's word is enough. Any other
   * that is missing is a refusal: it may have been made a moment ago.
   */
  #needsNoProfile(workspace: Workspace, namespace: string): boolean {
    return profileNameOf(workspace, namespace) === DEFAULT_PROFILE && this.#profiles.isAbsent(DEFAULT_PROFILE);
  }

  #specOf(profile: PolicyProfile): PolicyProfileSpec | undefined {
    const known = this.#parsed.get(profile);
    if (known !== undefined) return known.spec;
    const spec = policyProfileSpecSchema.safeParse(profile.spec).data;
    this.#parsed.set(profile, { spec });
    return spec;
  }
}
