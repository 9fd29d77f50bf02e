import assert from "node:assert/strict";
import type { KubeObject } from "../../client/resource.ts";
import { objectKey } from "../../object/object-key.ts";
import type { EventHandler } from "../event-handler.ts";

/**
 * A handler that keeps a cache of its own from what it is told, and insists that every change follows from the one
 * before: no update of what was never added, none across UIDs, no version twice.
 */
export class Follower<T extends KubeObject> implements EventHandler<T> {
  readonly objects = new Map<string, T>();
  readonly deletedUids: (string | undefined)[] = [];

  onAdd(object: T): void {
    assert.ok(!this.objects.has(objectKey(object)), `${objectKey(object)} was added twice`);
    this.objects.set(objectKey(object), object);
  }

  onUpdate(old: T, current: T): void {
    assert.equal(this.objects.get(objectKey(current)), old);
    assert.equal(old.metadata.uid, current.metadata.uid);
    assert.notEqual(old.metadata.resourceVersion, current.metadata.resourceVersion);
    this.objects.set(objectKey(current), current);
  }

  onDelete(object: T): void {
    assert.equal(this.objects.get(objectKey(object))?.metadata.uid, object.metadata.uid);
    this.objects.delete(objectKey(object));
    this.deletedUids.push(object.metadata.uid);
  }
}
