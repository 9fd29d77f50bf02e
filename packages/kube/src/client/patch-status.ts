import type { CallOptions, KubeClient } from "./kube-client.ts";
import type { KubeObject, Resource } from "./resource.ts";

/**
 * Writes the status that was decided on `object`, and only on that state of it: a merge patch of the status subresource
 * that carries its resourceVersion. A 409 (`isConflict`) means that somebody wrote first: decide again.
 */
export function patchStatus<T extends KubeObject & { readonly status?: object }>(
  client: Pick<KubeClient, "mergePatch">,
  of: Resource<T>,
  object: T,
  status: NonNullable<T["status"]>,
  options: CallOptions = {},
): Promise<T> {
  const { name, resourceVersion } = object.metadata;
  return client.mergePatch(of, name, { metadata: { resourceVersion }, status }, { ...options, subresource: "status" });
}
