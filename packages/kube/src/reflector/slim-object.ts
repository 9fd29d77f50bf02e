import type { ObjectMeta } from "@carrel/api";
import type { KubeObject } from "../client/resource.ts";

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/**
 * The object as caches keep it: without `managedFields` and the last-applied annotation, which are two thirds of a
 * typical object and which no controller reads.
 */
export function slimObject<T extends KubeObject>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata as ObjectMeta & { readonly managedFields?: unknown };
  const annotations = metadata.annotations;
  if (annotations === undefined || !(LAST_APPLIED in annotations)) return { ...object, metadata };
  const { [LAST_APPLIED]: __, ...others } = annotations;
  return { ...object, metadata: { ...metadata, annotations: others } };
}
