import type { CallOptions, KubeClient } from "./kube-client.ts";
import type { KubeObject, Resource } from "./resource.ts";
import { isNotFound } from "./status-predicates.ts";

/** A live GET; undefined when the API server has no such object. @throws what `KubeClient.get` throws but for that. */
export async function findObject<T extends KubeObject>(
  client: Pick<KubeClient, "get">,
  of: Resource<T>,
  name: string,
  options: CallOptions = {},
): Promise<T | undefined> {
  try {
    return await client.get(of, name, options);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
