import type { OwnerReference } from "@carrel/api";
import { CarrelError } from "@carrel/std";
import { apiVersionOf, type KubeObject, type Resource } from "../client/resource.ts";

/**
 * A reference that makes `owner` an owner: the dependent goes when its last owner has gone. An owner must be in the
 * dependent's namespace or cluster-scoped; anything else is garbage-collected at once.
 * @throws CarrelError `INVALID` when the owner has no UID yet: create it first.
 */
export function ownerRef(of: Resource, owner: KubeObject): OwnerReference {
  const { name, uid } = owner.metadata;
  if (uid === undefined) throw new CarrelError("INVALID", `${of.kind} ${name} has no uid: it has not been created yet`);
  return { apiVersion: apiVersionOf(of), kind: of.kind, name, uid };
}

/** As {@link ownerRef}, of the one owner that controls the dependent. Foreground deletion of it waits for the dependent. */
export function controllerRef(of: Resource, owner: KubeObject): OwnerReference {
  return { ...ownerRef(of, owner), controller: true, blockOwnerDeletion: true };
}

/** True when the object with this UID is an owner. By UID alone: a namesake made later owns nothing. */
export function isOwnedBy(object: KubeObject, uid: string): boolean {
  return object.metadata.ownerReferences?.some((owner) => owner.uid === uid) === true;
}

/** The owner that controls an object, if any. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true);
}
