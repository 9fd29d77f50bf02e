import { CarrelError } from "@carrel/std";
import type { KubeObject } from "../client/resource.ts";

/** One operation of a JSON patch (RFC 6902). */
export interface JsonPatchOperation {
  readonly op: "add" | "remove" | "replace" | "test";
  readonly path: string;
  readonly value?: unknown;
}

const FINALIZERS = "/metadata/finalizers";

/** True when the object carries this finalizer. */
export function hasFinalizer(object: KubeObject, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) === true;
}

/**
 * A JSON patch that adds our finalizer and touches no other, or undefined when it is there. Bound to the object's UID,
 * and where there is no list yet to its resourceVersion: creating the list would erase one that somebody else has just
 * created. A 422 (`isInvalid`) means: read again. The API server refuses new finalizers on an object being deleted.
 */
export function addFinalizerPatch(object: KubeObject, finalizer: string): readonly JsonPatchOperation[] | undefined {
  if (hasFinalizer(object, finalizer)) return undefined;
  const { finalizers, resourceVersion } = object.metadata;
  if (finalizers !== undefined && finalizers.length > 0) {
    return [testUid(object), { op: "add", path: `${FINALIZERS}/-`, value: finalizer }];
  }
  return [
    testUid(object),
    { op: "test", path: "/metadata/resourceVersion", value: resourceVersion },
    { op: "add", path: FINALIZERS, value: [finalizer] },
  ];
}

/**
 * A JSON patch that removes our finalizer and touches no other, or undefined when it is not there. It tests that the
 * place still holds ours: a 422 (`isInvalid`) means that the list has changed, read again.
 */
export function removeFinalizerPatch(object: KubeObject, finalizer: string): readonly JsonPatchOperation[] | undefined {
  const index = object.metadata.finalizers?.indexOf(finalizer) ?? -1;
  if (index < 0) return undefined;
  const path = `${FINALIZERS}/${index}`;
  return [testUid(object), { op: "test", path, value: finalizer }, { op: "remove", path }];
}

function testUid(object: KubeObject): JsonPatchOperation {
  const { name, uid } = object.metadata;
  if (uid === undefined) throw new CarrelError("INVALID", `${name} has no uid: patch what the API server gave`);
  return { op: "test", path: "/metadata/uid", value: uid };
}
