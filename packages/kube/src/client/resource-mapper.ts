import { CarrelError, type Clock, systemClock } from "@carrel/std";
import type { CallOptions, KubeClient } from "./kube-client.ts";
import { type KubeObject, type Resource, resource } from "./resource.ts";
import { isNotFound } from "./status-predicates.ts";

/** How a {@link ResourceMapper} keeps what it has learned. */
export interface ResourceMapperOptions {
  readonly client: Pick<KubeClient, "getRaw">;
  readonly clock?: Clock;
  /** After this long a group version is asked for again, default 10 min: CRDs are replaced by others now and then. */
  readonly maxAgeMs?: number;
  /** A kind that was not there is looked for again after this long, default 1 s. */
  readonly missingAgeMs?: number;
  /** Group versions that are remembered, default 256; the one unused for longest goes first. */
  readonly limit?: number;
}

/** What discovery says of one group version (`APIResourceList`), as far as it is read. */
interface ResourceList {
  readonly resources?: readonly {
    readonly name: string;
    readonly kind: string;
    readonly namespaced: boolean;
  }[];
}

interface Known {
  readonly readAtMs: number;
  readonly byKind: ReadonlyMap<string, Resource>;
}

const TIMEOUT_MS = 5_000;

/**
 * Finds out where kinds live that are known only at run time: `apiVersion` and `kind` to a {@link Resource}. One GET
 * per group version, remembered and shared by all who ask at once. Only the group version that is asked for is read, so
 * an aggregated API that is down concerns nobody who does not use it; a kind whose CRD comes later is found then.
 */
export class ResourceMapper {
  readonly #client: Pick<KubeClient, "getRaw">;
  readonly #clock: Clock;
  readonly #maxAgeMs: number;
  readonly #missingAgeMs: number;
  readonly #limit: number;
  /** By apiVersion, the one used last at the end. */
  readonly #known = new Map<string, Known>();
  readonly #reading = new Map<string, Promise<Known>>();

  constructor(options: ResourceMapperOptions) {
    this.#client = options.client;
    this.#clock = options.clock ?? systemClock;
    this.#maxAgeMs = options.maxAgeMs ?? 600_000;
    this.#missingAgeMs = options.missingAgeMs ?? 1_000;
    this.#limit = options.limit ?? 256;
  }

  /**
   * @throws CarrelError `KIND_UNKNOWN`, retryable, when the API server does not serve the kind; StatusError (a 503 of an
   * aggregated API that is down), TransportError.
   */
  async resourceOf(apiVersion: string, kind: string, options: Pick<CallOptions, "signal"> = {}): Promise<Resource> {
    const known = this.#known.get(apiVersion);
    const found = known?.byKind.get(kind);
    const ageMs = known === undefined ? Infinity : this.#clock.monotonic() - known.readAtMs;
    if (found !== undefined && ageMs < this.#maxAgeMs) {
      this.#remember(apiVersion, known);
      return found;
    }
    const read = known !== undefined && found === undefined && ageMs < this.#missingAgeMs;
    const fresh = read ? known : await this.#read(apiVersion);
    options.signal?.throwIfAborted();
    const resource = fresh.byKind.get(kind);
    if (resource !== undefined) return resource;
    throw new CarrelError("KIND_UNKNOWN", `the API server serves no ${kind} of ${apiVersion}`, {
      retryable: true,
      retryAfterMs: this.#missingAgeMs,
    });
  }

  /** Forgets a group version: the API server said 404 to one of its resources, so its CRD is another one by now. */
  forget(apiVersion: string): void {
    this.#known.delete(apiVersion);
  }

  /** The call has its own deadline and no signal: others may wait for the same answer. */
  #read(apiVersion: string): Promise<Known> {
    const pending = this.#reading.get(apiVersion);
    if (pending !== undefined) return pending;
    const reading = this.#discover(apiVersion).finally(() => this.#reading.delete(apiVersion));
    this.#reading.set(apiVersion, reading);
    return reading;
  }

  async #discover(apiVersion: string): Promise<Known> {
    const readAtMs = this.#clock.monotonic();
    const known = { readAtMs, byKind: kindsOf(apiVersion, await this.#list(apiVersion)) };
    this.#remember(apiVersion, known);
    return known;
  }

  async #list(apiVersion: string): Promise<ResourceList> {
    if (!/^[a-z0-9.-]+(\/[a-z0-9]+)?$/.test(apiVersion)) {
      throw new CarrelError("INVALID", `"${apiVersion}" is not an apiVersion: write v1 or GROUP/VERSION`);
    }
    const path = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    try {
      return (await this.#client.getRaw(path, { timeoutMs: TIMEOUT_MS })) as ResourceList;
    } catch (error) {
      if (isNotFound(error)) return {};
      throw error;
    }
  }

  #remember(apiVersion: string, known: Known | undefined): void {
    if (known === undefined) return;
    this.#known.delete(apiVersion);
    this.#known.set(apiVersion, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > this.#limit && oldest !== undefined) this.#known.delete(oldest);
  }
}

function kindsOf(apiVersion: string, { resources = [] }: ResourceList): ReadonlyMap<string, Resource> {
  const byKind = new Map<string, Resource>();
  for (const { name, kind, namespaced } of resources) {
    // The others are subresources, whose kind is that of something else.
    if (!name.includes("/")) byKind.set(kind, resource<KubeObject>(apiVersion, kind, name, namespaced));
  }
  return byKind;
}
