import { CarrelError, type Clock, systemClock } from "@carrel/std";
import type { ClusterConfig } from "../transport/cluster-config.ts";
import { Transport } from "../transport/transport.ts";
import { TransportError } from "../transport/transport-error.ts";
import { callJson, JSON_TYPE, type Query, renderCall } from "./api-caller.ts";
import { type ClientMetrics, createClientMetrics } from "./client-metrics.ts";
import type {
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  KubeClient,
  ListOptions,
  Page,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from "./kube-client.ts";
import { listPages } from "./list-pages.ts";
import { apiVersionOf, type KubeObject, type Resource } from "./resource.ts";
import { resourcePath } from "./resource-path.ts";
import { statusErrorOf } from "./status-error.ts";
import { watchResource } from "./watch-resource.ts";

/** How a client behaves; all optional but who it is. */
export interface KubeClientOptions {
  /** `carrel-<service>/<version>`: stands in the API server's audit log and in its priority decisions. */
  readonly userAgent: string;
  /** Field manager of writes that name none; default `carrel`. */
  readonly fieldManager?: string;
  readonly clock?: Clock;
  readonly metrics?: ClientMetrics;
  /** The longest answer accepted, default 64 MiB. */
  readonly maxAnswerBytes?: number;
}

const CALL_TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/**
 * Makes a client of one API server. Connections are opened when needed and kept; dispose the client to close them,
 * which ends everything under way with `KUBE_CLOSED`.
 *
 * ```ts
 * await using client = createKubeClient(await loadKubeconfig({ path }), { userAgent: "carrel-reaper/0.1.0" });
 * const namespace = await client.get(NAMESPACES, "default");
 * ```
 */
export function createKubeClient(config: ClusterConfig, options: KubeClientOptions): KubeClient & AsyncDisposable {
  const metrics = options.metrics ?? createClientMetrics();
  const transport = new Transport(config, {
    clock: options.clock ?? systemClock,
    metrics,
    userAgent: options.userAgent,
    maxAnswerBytes: options.maxAnswerBytes ?? MAX_ANSWER_BYTES,
  });
  return new ApiKubeClient(transport, metrics, options.fieldManager ?? "carrel");
}

interface Write {
  readonly verb: "create" | "update" | "apply" | "patch";
  readonly method: "POST" | "PUT" | "PATCH";
  readonly path: string;
  readonly contentType: string;
  readonly body: object;
  readonly query?: Query;
}

class ApiKubeClient implements KubeClient, AsyncDisposable {
  readonly #transport: Transport;
  readonly #metrics: ClientMetrics;
  readonly #fieldManager: string;

  constructor(transport: Transport, metrics: ClientMetrics, fieldManager: string) {
    this.#transport = transport;
    this.#metrics = metrics;
    this.#fieldManager = fieldManager;
  }

  async get<T extends KubeObject>(of: Resource<T>, name: string, options: CallOptions = {}): Promise<T> {
    return (await callJson(this.#transport, {
      verb: "get",
      of,
      method: "GET",
      path: resourcePath(of, { namespace: options.namespace, name }),
      ...common(options),
    })) as T;
  }

  async list<T extends KubeObject>(of: Resource<T>, options: ListOptions = {}): Promise<Page<T>> {
    const items: T[] = [];
    let resourceVersion = "";
    for await (const page of this.pages(of, options)) {
      // Not push(...page.items): a server may ignore the limit, and 130,000 arguments overflow the stack.
      for (const item of page.items) items.push(item);
      resourceVersion = page.resourceVersion;
    }
    return { items, resourceVersion };
  }

  pages<T extends KubeObject>(of: Resource<T>, options: ListOptions = {}): AsyncIterable<Page<T>> {
    return listPages(this.#transport, of, options);
  }

  watch<T extends KubeObject>(of: Resource<T>, options: WatchOptions): AsyncIterable<WatchEvent<T>> {
    return watchResource(this.#transport, this.#metrics, of, options);
  }

  async create<T extends KubeObject>(of: Resource<T>, object: T, options: WriteOptions = {}): Promise<T> {
    // Only a subresource is created under the name of an object that exists.
    const name = options.subresource === undefined ? undefined : object.metadata.name;
    const path = pathOf(of, object, name, options);
    return await this.#write(
      of,
      { verb: "create", method: "POST", path, contentType: JSON_TYPE, body: withKind(of, object) },
      options,
    );
  }

  async update<T extends KubeObject>(of: Resource<T>, object: T, options: WriteOptions = {}): Promise<T> {
    const path = pathOf(of, object, object.metadata.name, options);
    return await this.#write(
      of,
      { verb: "update", method: "PUT", path, contentType: JSON_TYPE, body: withKind(of, object) },
      options,
    );
  }

  async apply<T extends KubeObject>(of: Resource<T>, object: T, options: ApplyOptions = {}): Promise<T> {
    const path = pathOf(of, object, object.metadata.name, options);
    const contentType = "application/apply-patch+yaml";
    const query = { force: options.force ?? false };
    return await this.#write(
      of,
      { verb: "apply", method: "PATCH", path, contentType, body: withKind(of, object), query },
      options,
    );
  }

  async mergePatch<T extends KubeObject>(
    of: Resource<T>,
    name: string,
    patch: object,
    options: WriteOptions = {},
  ): Promise<T> {
    const path = resourcePath(of, { namespace: options.namespace, name, subresource: options.subresource });
    const contentType = "application/merge-patch+json";
    return await this.#write(of, { verb: "patch", method: "PATCH", path, contentType, body: patch }, options);
  }

  async jsonPatch<T extends KubeObject>(
    of: Resource<T>,
    name: string,
    patch: readonly object[],
    options: WriteOptions = {},
  ): Promise<T> {
    const path = resourcePath(of, { namespace: options.namespace, name, subresource: options.subresource });
    const contentType = "application/json-patch+json";
    return await this.#write(of, { verb: "patch", method: "PATCH", path, contentType, body: patch }, options);
  }

  async delete(of: Resource, name: string, options: DeleteOptions = {}): Promise<void> {
    await callJson(this.#transport, {
      verb: "delete",
      of,
      method: "DELETE",
      path: resourcePath(of, { namespace: options.namespace, name }),
      body: deleteBody(options),
      ...common(options),
    });
  }

  async deleteCollection(
    of: Resource,
    options: DeleteOptions & Pick<ListOptions, "labelSelector" | "fieldSelector"> = {},
  ): Promise<void> {
    await callJson(this.#transport, {
      verb: "deletecollection",
      of,
      method: "DELETE",
      path: resourcePath(of, { namespace: options.namespace }),
      query: { labelSelector: options.labelSelector, fieldSelector: options.fieldSelector },
      body: deleteBody(options),
      ...common(options),
    });
  }

  async getRaw(path: string, options: CallOptions = {}): Promise<unknown> {
    if (!path.startsWith("/")) throw new CarrelError("INVALID", `"${path}" is not a path: it must begin with a slash`);
    const request = renderCall({ verb: "get", method: "GET", path, accept: "*/*", ...common(options) });
    const answer = await this.#transport.call(request);
    if (answer.status < 200 || answer.status > 299) throw statusErrorOf(answer.status, answer.body, `GET ${path}`);
    const text = answer.body.toString("utf8");
    if (!String(answer.headers["content-type"]).startsWith(JSON_TYPE)) return text;
    try {
      return JSON.parse(text);
    } catch {
      throw new TransportError("KUBE_BAD_ANSWER", `GET ${path}: the answer is not JSON`, { sent: true });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#transport[Symbol.asyncDispose]();
  }

  async #write<T extends KubeObject>(of: Resource<T>, write: Write, options: WriteOptions): Promise<T> {
    const query = {
      fieldManager: options.fieldManager ?? this.#fieldManager,
      fieldValidation: "Strict",
      dryRun: options.dryRun === true ? "All" : undefined,
      ...write.query,
    };
    return (await callJson(this.#transport, { of, ...write, query, ...common(options) })) as T;
  }
}

function pathOf(of: Resource, object: KubeObject, name: string | undefined, options: WriteOptions): string {
  const namespace = options.namespace ?? object.metadata.namespace;
  return resourcePath(of, { namespace, name, subresource: options.subresource });
}

function common(options: CallOptions): { readonly timeoutMs: number; readonly signal: AbortSignal | undefined } {
  return { timeoutMs: options.timeoutMs ?? CALL_TIMEOUT_MS, signal: options.signal };
}

function withKind(of: Resource, object: KubeObject): object {
  return { apiVersion: apiVersionOf(of), kind: of.kind, ...object };
}

function deleteBody(options: DeleteOptions): object {
  const { uid, resourceVersion, propagationPolicy, gracePeriodSeconds, dryRun } = options;
  return {
    apiVersion: "v1",
    kind: "DeleteOptions",
    ...(uid === undefined && resourceVersion === undefined ? {} : { preconditions: { uid, resourceVersion } }),
    propagationPolicy,
    gracePeriodSeconds,
    ...(dryRun === true ? { dryRun: ["All"] } : {}),
  };
}
