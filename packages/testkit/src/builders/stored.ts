import { randomInt, randomUUID } from "node:crypto";
import type { ObjectMeta } from "@carrel/api";

/** The object as the API server gives it back: with a UID, a resourceVersion, a generation, a time of creation. */
export function stored<T extends { readonly metadata: ObjectMeta }>(object: T, atMs: number = Date.now()): T {
  const { metadata } = object;
  const given = {
    uid: metadata.uid ?? randomUUID(),
    resourceVersion: metadata.resourceVersion ?? String(randomInt(1, 1_000_000)),
    generation: metadata.generation ?? 1,
    creationTimestamp: metadata.creationTimestamp ?? kubernetesTime(atMs),
  };
  return { ...object, metadata: { ...metadata, ...given } };
}

/** RFC 3339 in UTC with whole seconds, as Kubernetes writes times. */
export function kubernetesTime(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d+Z$/, "Z");
}
