import { LABELS, MANAGED_BY, RESERVED_PREFIX } from "@carrel/api";
import { mapAt, type JsonObject } from "../review/json-object.ts";

/** A label or annotation by which an object claims to be Carrel's, and where it stands. */
export interface ReservedKey {
  readonly key: string;
  readonly value: unknown;
  readonly path: string;
}

/** The labels and annotations in a `metadata` that only Carrel may write. `path` is where the metadata stands. */
export function reservedKeys(metadata: unknown, path: string): readonly ReservedKey[] {
  return (["labels", "annotations"] as const).flatMap((field) =>
    Object.entries(mapAt(metadata, field))
      .filter(
        ([key, value]) =>
          key.startsWith(RESERVED_PREFIX) || (field === "labels" && key === LABELS.managedBy && value === MANAGED_BY),
      )
      .map(([key, value]) => ({ key, value, path: `${path}.${field}[${key}]` })),
  );
}

/** True for an object that Carrel made or that carries a key of Carrel's. */
export function isManaged(object: JsonObject | undefined): boolean {
  return object !== undefined && reservedKeys(object["metadata"], "metadata").length > 0;
}

/** True for an object that a session's template brought along. */
export function isOfTemplate(object: JsonObject | undefined): boolean {
  return object !== undefined && mapAt(object, "metadata", "labels")[LABELS.object] !== undefined;
}
