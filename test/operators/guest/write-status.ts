import { isDeepStrictEqual } from "node:util";
import type { KubeClient, KubeObject, Resource } from "@carrel/kube";

/**
 * Writes the fields of a status that differ, or nothing; those that are not named stay. Only on the state of the object
 * that was decided on: a 409 means to decide again.
 */
export async function writeStatus<T extends KubeObject & { readonly status?: object }>(
  client: Pick<KubeClient, "mergePatch">,
  of: Resource<T>,
  object: T,
  status: NonNullable<T["status"]>,
  signal: AbortSignal,
): Promise<void> {
  const old = (object.status ?? {}) as Readonly<Record<string, unknown>>;
  // What is undefined would be lost on the way; a merge patch removes what is null.
  const changed = Object.entries(status).filter(([key, value]) => !isDeepStrictEqual(old[key], value ?? undefined));
  if (changed.length === 0) return;
  const { name, namespace, resourceVersion } = object.metadata;
  const patch = Object.fromEntries(changed.map(([key, value]) => [key, value ?? null]));
  await client.mergePatch(
    of,
    name,
    { metadata: { resourceVersion }, status: patch },
    { ...(namespace === undefined ? {} : { namespace }), subresource: "status", signal },
  );
}
