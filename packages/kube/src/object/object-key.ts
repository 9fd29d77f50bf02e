import type { KubeObject } from "../client/resource.ts";

/** Names an object within its kind: `namespace/name`, or `name` when it is cluster-scoped. */
export type ObjectKey = string;

/** The key of an object. */
export function objectKey(object: KubeObject): ObjectKey {
  const { namespace, name } = object.metadata;
  return namespace === undefined || namespace === "" ? name : `${namespace}/${name}`;
}

/** The parts of a key. Neither part can contain a slash. */
export function splitObjectKey(key: ObjectKey): { readonly namespace: string | undefined; readonly name: string } {
  const slash = key.indexOf("/");
  return slash < 0
    ? { namespace: undefined, name: key }
    : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
