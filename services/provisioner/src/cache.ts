/** A read-only view of an informer's cache; keys are `name` or `namespace/name`. */
export interface Cache<T> {
  get(key: string): T | undefined;
  list(): readonly T[];
}
