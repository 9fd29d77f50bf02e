import type { KubeObject, Resource } from "./resource.ts";

/** What every call takes. */
export interface CallOptions {
  /** Of a namespaced kind. Lists and watches without it: all namespaces; writes: that of the object. */
  readonly namespace?: string;
  /** Ends the call at once with `KUBE_ABORTED`, whose `cause` is the signal's reason. */
  readonly signal?: AbortSignal;
  /** Deadline of the call with all its retries, default 15 s; of each page 30 s; of a watch until its head, 30 s. */
  readonly timeoutMs?: number;
}

export interface WriteOptions extends CallOptions {
  /** Default `carrel`. */
  readonly fieldManager?: string;
  readonly dryRun?: boolean;
  /** `token`, `eviction` with `create` only: of the object that `metadata.name` names. */
  readonly subresource?: "status" | "scale" | "token" | "eviction";
}

export interface ApplyOptions extends WriteOptions {
  /** Take fields from other managers; default false: a conflict. */
  readonly force?: boolean;
}

export interface ListOptions extends CallOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Page size, default 500. The API server may ignore it together with `resourceVersion: "0"`. */
  readonly limit?: number;
  /** `"0"`: from the API server's cache, at any version, maybe older than what was seen; absent: the newest. */
  readonly resourceVersion?: string;
  /** Items with `apiVersion`, `kind` and `metadata` only (PartialObjectMetadata): for sweeps over many kinds. */
  readonly metadataOnly?: boolean;
}

/** Part of a list, or all of it. Every item names its apiVersion and kind, as a GET would. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Of the list, the same on all pages: watch from here. */
  readonly resourceVersion: string;
}

export interface WatchOptions extends CallOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion: string;
  /** When the server ends the watch; default random 300–600 s. 30 s later it ends with `KUBE_DEADLINE` by itself. */
  readonly timeoutSeconds?: number;
  readonly metadataOnly?: boolean;
}

/** One line of a watch. An `ERROR` line is thrown as a StatusError instead. */
export type WatchEvent<T> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T }
  | { readonly type: "BOOKMARK"; readonly resourceVersion: string };

export interface DeleteOptions extends CallOptions {
  /** Precondition: delete only the object with this UID (409 otherwise). Every delete of ours gives it. */
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly propagationPolicy?: "Background" | "Foreground" | "Orphan";
  readonly gracePeriodSeconds?: number;
  readonly dryRun?: boolean;
}

/**
 * The Kubernetes API as Carrel uses it: plain JSON in and out, one call per method, a deadline on each.
 *
 * Errors: `StatusError` for an answer of the API server (test with `isNotFound(e)`, `isConflict(e)`, …),
 * `TransportError` when there was no answer (`sent` tells whether the request may have been executed).
 * 429 and 503 with Retry-After are retried inside the deadline, and a call that was refused for a token or certificate
 * that its file no longer holds; nothing else is retried here.
 *
 * Calls, watches and leases have connections of their own, at most 32, 128 and 2: none of them waits for another kind.
 */
export interface KubeClient {
  get<T extends KubeObject>(of: Resource<T>, name: string, options?: CallOptions): Promise<T>;
  /** All pages in one list. For lists that may be large prefer {@link pages}. */
  list<T extends KubeObject>(of: Resource<T>, options?: ListOptions): Promise<Page<T>>;
  /** Page by page; a 410 in the middle is thrown: restart the list. */
  pages<T extends KubeObject>(of: Resource<T>, options?: ListOptions): AsyncIterable<Page<T>>;
  /**
   * Ends without error when the server ends the watch properly; bookmarks are asked for. Throws isGone when the version
   * is no longer kept (list again), TransportError when the connection is lost: what came before it has been given.
   * Lasting silence is for the caller to judge. Leaving the loop, or an abort, closes the connection at once.
   */
  watch<T extends KubeObject>(of: Resource<T>, options: WatchOptions): AsyncIterable<WatchEvent<T>>;
  /** `fieldValidation=Strict`: a misspelt field is an error. */
  create<T extends KubeObject>(of: Resource<T>, object: T, options?: WriteOptions): Promise<T>;
  /** PUT; conflicts unless `metadata.resourceVersion` is current. */
  update<T extends KubeObject>(of: Resource<T>, object: T, options?: WriteOptions): Promise<T>;
  /** Server-side apply. */
  apply<T extends KubeObject>(of: Resource<T>, object: T, options?: ApplyOptions): Promise<T>;
  /** JSON merge patch (RFC 7386); put `metadata.resourceVersion` into it for compare-and-swap. */
  mergePatch<T extends KubeObject>(of: Resource<T>, name: string, patch: object, options?: WriteOptions): Promise<T>;
  /** JSON patch (RFC 6902). A failed `test` is a 422 StatusError. */
  jsonPatch<T extends KubeObject>(
    of: Resource<T>,
    name: string,
    patch: readonly object[],
    options?: WriteOptions,
  ): Promise<T>;
  delete(of: Resource, name: string, options?: DeleteOptions): Promise<void>;
  deleteCollection(
    of: Resource,
    options?: DeleteOptions & Pick<ListOptions, "labelSelector" | "fieldSelector">,
  ): Promise<void>;
  /** A raw GET, e.g. of discovery (`/apis`) or `/readyz`; parsed as JSON when it is. */
  getRaw(path: string, options?: CallOptions): Promise<unknown>;
}
