/**
 * Told of every change of a cache, in order, after the cache has it. Handlers return at once: they put a key into a
 * queue. One that throws is logged and counted; it stops neither the others nor the cache.
 */
export interface EventHandler<T> {
  /** `fromList`: the object came with a list (start or relist), not as it was made. */
  onAdd?(object: T, fromList: boolean): void;
  /** Same name and same UID, other resourceVersion. */
  onUpdate?(old: T, current: T, fromList: boolean): void;
  /**
   * The object is gone. After a missed deletion it is the last state that the cache had; an object that was made anew
   * under the same name is a deletion of the old one followed by an add.
   */
  onDelete?(object: T, fromList: boolean): void;
}
