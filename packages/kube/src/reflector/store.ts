import { CarrelError } from "@carrel/std";
import type { KubeObject } from "../client/resource.ts";
import { objectKey } from "../object/object-key.ts";
import type { Change } from "./change.ts";
import { deepFreeze } from "./deep-freeze.ts";
import { type IndexFunction, Indexer } from "./indexer.ts";

/** What readers of a cache see of it. Objects are frozen and shared. */
export interface ReadonlyStore<T extends KubeObject> {
  readonly size: number;
  get(name: string, namespace?: string): T | undefined;
  /** By its `objectKey`. */
  getByKey(key: string): T | undefined;
  /** All objects, or those of one namespace. */
  list(namespace?: string): readonly T[];
  /** Objects that the named index function gave `value` for. @throws CarrelError `UNKNOWN_INDEX` */
  byIndex(index: string, value: string): readonly T[];
}

/** Name of the index that every store has: objects by their namespace. */
const NAMESPACE_INDEX = "namespace";

/**
 * The cache of one kind: objects by namespace and name. Identity is the UID: another UID under the same name is a
 * deletion and an add, whatever was missed in between.
 */
export class Store<T extends KubeObject> implements ReadonlyStore<T> {
  readonly #objects = new Map<string, T>();
  readonly #indexes = new Map<string, Indexer<T>>();
  readonly #onIndexError: (index: string, error: unknown) => void;

  /** `onIndexError`: an index function threw; the object is in the store but not in that index. */
  constructor(onIndexError: (index: string, error: unknown) => void) {
    this.#onIndexError = onIndexError;
    this.addIndex(NAMESPACE_INDEX, ({ metadata }) => (metadata.namespace === undefined ? [] : [metadata.namespace]));
  }

  get size(): number {
    return this.#objects.size;
  }

  get(name: string, namespace?: string): T | undefined {
    return this.#objects.get(namespace === undefined ? name : `${namespace}/${name}`);
  }

  getByKey(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(namespace?: string): readonly T[] {
    return namespace === undefined ? [...this.#objects.values()] : this.byIndex(NAMESPACE_INDEX, namespace);
  }

  byIndex(index: string, value: string): readonly T[] {
    const found = this.#indexes.get(index);
    if (found === undefined) throw new CarrelError("UNKNOWN_INDEX", `the store has no index "${index}"`);
    return Array.from(found.keys(value), (key) => this.#objects.get(key)).filter((object) => object !== undefined);
  }

  /**
   * Adds a named index over what is there and what comes; the same one again is no change.
   * @throws CarrelError `INVALID` when the name stands for another function.
   */
  addIndex(name: string, valuesOf: IndexFunction<T>): void {
    const present = this.#indexes.get(name);
    if (present?.valuesOf === valuesOf) return;
    if (present !== undefined) throw new CarrelError("INVALID", `the store has another index "${name}" already`);
    const index = new Indexer(valuesOf);
    this.#indexes.set(name, index);
    for (const [key, object] of this.#objects) this.#index(name, index, key, object);
  }

  /** Puts the object's new state in. No change when the store has that very version. */
  upsert(object: T): readonly Change<T>[] {
    const key = objectKey(object);
    const old = this.#objects.get(key);
    const same = old !== undefined && old.metadata.uid === object.metadata.uid;
    if (same && old.metadata.resourceVersion === object.metadata.resourceVersion) return [];
    const frozen = deepFreeze(object);
    this.#objects.set(key, frozen);
    for (const [name, index] of this.#indexes) this.#index(name, index, key, frozen);
    if (old === undefined) return [{ type: "added", object: frozen }];
    if (same) return [{ type: "updated", old, object: frozen }];
    return [
      { type: "deleted", object: old },
      { type: "added", object: frozen },
    ];
  }

  /** Takes the object out. What is reported as deleted is its final state, if the UID is the one the store had. */
  remove(object: T): readonly Change<T>[] {
    const old = this.#drop(objectKey(object));
    if (old === undefined) return [];
    return [{ type: "deleted", object: old.metadata.uid === object.metadata.uid ? deepFreeze(object) : old }];
  }

  /** Takes out every object whose key `wanted` does not have. */
  *retain(wanted: ReadonlySet<string>): Generator<Change<T>> {
    for (const key of this.#objects.keys()) {
      if (wanted.has(key)) continue;
      const old = this.#drop(key);
      if (old !== undefined) yield { type: "deleted", object: old };
    }
  }

  #drop(key: string): T | undefined {
    const old = this.#objects.get(key);
    if (old === undefined) return undefined;
    this.#objects.delete(key);
    for (const index of this.#indexes.values()) index.remove(key);
    return old;
  }

  #index(name: string, index: Indexer<T>, key: string, object: T): void {
    try {
      index.set(key, object);
    } catch (error) {
      this.#onIndexError(name, error);
    }
  }
}
