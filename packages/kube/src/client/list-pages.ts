import { setImmediate } from "node:timers/promises";
import type { Transport } from "../transport/transport.ts";
import { TransportError } from "../transport/transport-error.ts";
import { callJson, JSON_TYPE } from "./api-caller.ts";
import type { ListOptions, Page } from "./kube-client.ts";
import { apiVersionOf, type KubeObject, type Resource } from "./resource.ts";
import { resourcePath } from "./resource-path.ts";

const PAGE_SIZE = 500;
const PAGE_TIMEOUT_MS = 30_000;
/** The metadata form of any list; whoever cannot give it (some aggregated APIs) gives whole objects. */
const METADATA_LIST = `${JSON_TYPE};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,${JSON_TYPE}`;

interface ListAnswer {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly object[] | null;
}

/**
 * Lists page by page. Between two pages the event loop gets its turn: parsing 50,000 objects at once would stop a
 * process for seconds.
 */
export async function* listPages<T extends KubeObject>(
  transport: Transport,
  of: Resource<T>,
  options: ListOptions,
): AsyncGenerator<Page<T>, void, undefined> {
  const path = resourcePath(of, { namespace: options.namespace, allNamespaces: true });
  let token: string | undefined;
  do {
    if (token !== undefined) await setImmediate();
    const answer = await callJson(transport, {
      verb: "list",
      of,
      method: "GET",
      path,
      query: {
        labelSelector: options.labelSelector,
        fieldSelector: options.fieldSelector,
        limit: options.limit ?? PAGE_SIZE,
        continue: token,
        // The token holds the version; both together are refused.
        resourceVersion: token === undefined ? options.resourceVersion : undefined,
      },
      ...(options.metadataOnly === true ? { accept: METADATA_LIST } : {}),
      timeoutMs: options.timeoutMs ?? PAGE_TIMEOUT_MS,
      signal: options.signal,
    });
    const { metadata, items } = answer as ListAnswer;
    if (metadata?.resourceVersion === undefined) {
      throw new TransportError("KUBE_BAD_ANSWER", `GET ${path}: the answer is not a list`, { sent: true });
    }
    const named = (items ?? []).map((item) => nameKind(of, item, options.metadataOnly === true));
    yield { items: named, resourceVersion: metadata.resourceVersion };
    token = metadata.continue === "" ? undefined : metadata.continue;
  } while (token !== undefined);
}

/**
 * An object as a GET would give it: items of a list lack apiVersion and kind, and metadata-only ones carry those of
 * PartialObjectMetadata. Without this, a cache would hold two shapes of one object.
 */
export function nameKind<T extends KubeObject>(of: Resource<T>, object: object, metadataOnly: boolean): T {
  const apiVersion = apiVersionOf(of);
  if (metadataOnly) return { apiVersion, kind: of.kind, metadata: (object as KubeObject).metadata } as T;
  return Object.assign(object, { apiVersion, kind: of.kind }) as unknown as T;
}
