import type { ClientMetrics } from "./client-metrics.ts";
import type { Transport } from "../transport/transport.ts";
import type { StreamedAnswer } from "../transport/stream-answer.ts";
import { TransportError } from "../transport/transport-error.ts";
import { JSON_TYPE, renderCall } from "./api-caller.ts";
import type { WatchEvent, WatchOptions } from "./kube-client.ts";
import { nameKind } from "./list-pages.ts";
import type { KubeObject, Resource } from "./resource.ts";
import { resourcePath } from "./resource-path.ts";
import { type KubeStatus, StatusError, statusErrorOf } from "./status-error.ts";
import { WatchDecoder, type WatchLine } from "./watch-decoder.ts";

const OPEN_TIMEOUT_MS = 30_000;
/** A watch that outlives what the server was asked for by this much hangs on a dead connection. */
const GRACE_MS = 30_000;
const LONGEST_ERROR_BYTES = 1024 * 1024;
const METADATA = `${JSON_TYPE};as=PartialObjectMetadata;g=meta.k8s.io;v=v1,${JSON_TYPE}`;

/** One watch, from request to end. See {@link KubeClient.watch}. */
export async function* watchResource<T extends KubeObject>(
  transport: Transport,
  metrics: ClientMetrics,
  of: Resource<T>,
  options: WatchOptions,
): AsyncGenerator<WatchEvent<T>, void, undefined> {
  // Random, so that the watches of a whole fleet do not come back together.
  const timeoutSeconds = options.timeoutSeconds ?? 300 + Math.floor(Math.random() * 300);
  const metadataOnly = options.metadataOnly === true;
  const path = resourcePath(of, { namespace: options.namespace, allNamespaces: true });
  const what = `WATCH ${path}`;
  const request = renderCall({
    verb: "watch",
    of,
    method: "GET",
    path,
    query: {
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion: options.resourceVersion,
      labelSelector: options.labelSelector,
      fieldSelector: options.fieldSelector,
      timeoutSeconds,
    },
    ...(metadataOnly ? { accept: METADATA } : {}),
    timeoutMs: options.timeoutMs ?? OPEN_TIMEOUT_MS,
    signal: options.signal,
  });
  using stream = await transport.open({ ...request, lifetimeMs: timeoutSeconds * 1000 + GRACE_MS });
  if (stream.status !== 200) throw statusErrorOf(stream.status, await readAll(stream), what);

  const { resource } = request.labels;
  metrics.openWatches.add(1, { resource });
  try {
    const decoder = new WatchDecoder();
    for (let chunk = await stream.read(); chunk !== undefined; chunk = await stream.read()) {
      for (const line of decoder.push(chunk)) yield toEvent(of, line, metadataOnly, what);
    }
    decoder.end();
  } finally {
    metrics.openWatches.add(-1, { resource });
  }
}

function toEvent<T extends KubeObject>(
  of: Resource<T>,
  line: WatchLine,
  metadataOnly: boolean,
  what: string,
): WatchEvent<T> {
  const object = line.object as object;
  switch (line.type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
      return { type: line.type, object: nameKind(of, object, metadataOnly) };
    case "BOOKMARK":
      return { type: line.type, resourceVersion: (object as KubeObject).metadata.resourceVersion ?? "" };
    case "ERROR":
      throw new StatusError((object as KubeStatus).code ?? 500, object as KubeStatus, what);
    default:
      throw new TransportError("KUBE_BAD_ANSWER", `${what}: unknown kind of event`, { sent: true });
  }
}

async function readAll(stream: StreamedAnswer): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for (let chunk = await stream.read(); chunk !== undefined; chunk = await stream.read()) {
    bytes += chunk.length;
    if (bytes > LONGEST_ERROR_BYTES) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
