import type { KubeObject, Resource } from "@carrel/kube";

/** An object to create, with where it lives. */
export interface PlannedObject {
  readonly resource: Resource;
  readonly object: KubeObject;
}
