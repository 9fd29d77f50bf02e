/**
 * Pure helpers for objects: keys, conditions, owners, finalizers, references.
 *
 * @module
 */
export * from "./finalizer.ts";
export * from "./object-key.ts";
export * from "./object-reference.ts";
export * from "./owner-reference.ts";
export * from "./set-condition.ts";
