import type { KubeObject } from "../client/resource.ts";

/** `namespace/name`, or `name` for what lives in no namespace: the key of an object in caches and queues. */
export function storeKey(name: string, namespace?: string): string {
  return namespace === undefined || namespace === "" ? name : `${namespace}/${name}`;
}

/** The {@link storeKey} of an object. */
export function storeKeyOf(object: KubeObject): string {
  return storeKey(object.metadata.name, object.metadata.namespace);
}

/** The parts of a key. */
export function splitStoreKey(key: string): { readonly name: string; readonly namespace?: string } {
  const slash = key.indexOf("/");
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
