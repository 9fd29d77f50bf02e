import type { ObjectReference } from "../client/resources/event.ts";
import { apiVersionOf, type KubeObject, type Resource } from "../client/resource.ts";

/** A reference to an object as Events hold it. */
export function objectReference(of: Resource, object: KubeObject): ObjectReference {
  const { namespace, name, uid, resourceVersion } = object.metadata;
  return {
    apiVersion: apiVersionOf(of),
    kind: of.kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}
