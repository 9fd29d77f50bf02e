import type { ObjectReference } from "../client/resources/event.ts";

/** What a caller says about an object; the recorder adds when and who. */
export interface EventInput {
  /** The object that it is about: `objectReference(PODS, pod)`. */
  readonly regarding: ObjectReference;
  /** Another object that plays a part. */
  readonly related?: ObjectReference;
  readonly type: "Normal" | "Warning";
  /** Why, CamelCase, from a closed list. Part of what makes two events the same. */
  readonly reason: string;
  /** What was being done, CamelCase. Part of what makes two events the same. */
  readonly action: string;
  /** For humans. Not part of it: the note of the first stays. Cut at 1,024 bytes. */
  readonly note: string;
}

/** Two events with the same key are one, seen again. The version of the objects does not matter. */
export function eventKey(event: EventInput): string {
  return JSON.stringify([event.type, event.reason, event.action, identify(event.regarding), identify(event.related)]);
}

function identify(reference: ObjectReference | undefined): readonly (string | undefined)[] | undefined {
  if (reference === undefined) return undefined;
  const { apiVersion, kind, namespace, name, uid, fieldPath } = reference;
  return [apiVersion, kind, namespace, name, uid, fieldPath];
}
