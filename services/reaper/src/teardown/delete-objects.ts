import {
  isConflict,
  isForbidden,
  isNotFound,
  type CallOptions,
  type KubeClient,
  type KubeObject,
  type Resource,
  type ResourceMapper,
} from "@carrel/kube";
import { hasCode } from "@carrel/std";

/** What is left of a kind after everything of it was told to go. */
export interface Left {
  readonly objects: readonly KubeObject[];
  /** Why nothing could be said or done about it: the reaper may not, or the API that serves it is down. */
  readonly problem?: string;
}

export interface DeletionContext {
  readonly client: Pick<KubeClient, "list" | "delete">;
  readonly mapper: Pick<ResourceMapper, "resourceOf">;
  readonly signal: AbortSignal;
}

/** Calls at once about one kind. */
const PARALLEL = 16;

/** The kind's resource; undefined when it is served no more, and its objects are gone with it. @throws as discovery. */
export async function servedResource(
  { mapper, signal }: DeletionContext,
  apiVersion: string,
  kind: string,
): Promise<Resource | undefined> {
  try {
    return await mapper.resourceOf(apiVersion, kind, { signal });
  } catch (error) {
    if (hasCode(error, "KIND_UNKNOWN") || hasCode(error, "INVALID")) return undefined;
    throw error;
  }
}

/** Deletes the objects of a list that `mine` selects, by their UIDs, and gives those that were still there. */
export async function deleteListed(
  { client, signal }: DeletionContext,
  of: Resource,
  where: CallOptions & { readonly labelSelector?: string },
  mine: (object: KubeObject) => boolean,
): Promise<readonly KubeObject[]> {
  const { items } = await client.list(of, { ...where, metadataOnly: true, signal });
  const found = items.filter(mine);
  const queue = found.filter(({ metadata }) => metadata.deletionTimestamp === undefined).values();
  const worker = async (): Promise<void> => {
    for (const { metadata } of queue) {
      const { name, namespace, uid } = metadata;
      const options = { uid, signal, ...(namespace === undefined ? {} : { namespace }) };
      await client.delete(of, name, options).catch((error: unknown) => {
        // Gone, or another object by now: what we meant no longer exists.
        if (!isNotFound(error) && !isConflict(error)) throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return found;
}

/** Runs it; an error that concerns this kind alone becomes part of what is left. @throws everything else. */
export async function withProblem(kind: string, work: () => Promise<readonly KubeObject[]>): Promise<Left> {
  try {
    return { objects: await work() };
  } catch (error) {
    const down = hasCode(error, "KUBE_UNAVAILABLE");
    if (isNotFound(error)) return { objects: [] };
    if (!isForbidden(error) && !down) throw error;
    return { objects: [], problem: `${kind}: ${error instanceof Error ? error.message : "unavailable"}` };
  }
}
