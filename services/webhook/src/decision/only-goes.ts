import { isDeepStrictEqual } from "node:util";
import { asObject, at, type JsonObject } from "../review/json-object.ts";

/** True for an object whose deletion has been asked for. */
export function isTerminating(object: JsonObject | undefined): boolean {
  return at(object, "metadata", "deletionTimestamp") != null;
}

/**
 * True when an update of an object that is being deleted changes nothing but its finalizers and its status: what must
 * go on for it to go.
 */
export function onlyGoes(before: JsonObject | undefined, after: JsonObject | undefined): boolean {
  return isTerminating(before) && isDeepStrictEqual(essence(before), essence(after));
}

const BOOKKEEPING = ["finalizers", "managedFields", "resourceVersion", "generation"];

function essence(object: JsonObject | undefined): unknown {
  const { status: _status, metadata, ...rest } = object ?? {};
  const kept = Object.entries(asObject(metadata) ?? {}).filter(([key]) => !BOOKKEEPING.includes(key));
  return { ...rest, metadata: Object.fromEntries(kept) };
}
