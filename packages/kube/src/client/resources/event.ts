import { type KubeObject, resource } from "../resource.ts";

/** A reference to an object, as Events hold it. */
export interface ObjectReference {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly fieldPath?: string;
}

/** `events.k8s.io/v1` Event. Kept by the API server for an hour, as a rule. */
export interface Event extends KubeObject {
  /** RFC 3339 with microseconds. */
  readonly eventTime: string;
  readonly type: "Normal" | "Warning";
  /** Why, CamelCase, for machines. */
  readonly reason: string;
  /** What was being done, CamelCase. */
  readonly action: string;
  /** For humans, at most 1,024 bytes. */
  readonly note?: string;
  readonly regarding: ObjectReference;
  readonly related?: ObjectReference;
  readonly reportingController: string;
  readonly reportingInstance: string;
  /** Present from the second occurrence on. The only part that may change. */
  readonly series?: { readonly count: number; readonly lastObservedTime: string };
}

export const EVENTS = resource<Event>("events.k8s.io/v1", "Event", "events");
