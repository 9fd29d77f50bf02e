import type { PodView } from "./pod-view.ts";

/** One field that breaks a check. */
export interface FieldBreach {
  /** Where it stands, e.g. `spec.containers[0].securityContext.privileged`. */
  readonly path: string;
  /** Whose field it is: `pod`, or the name of a container or volume. Survives a reordering of lists. */
  readonly subject: string;
  /** What was found or what must be, e.g. `must not be true`. */
  readonly message: string;
}

/** What a check says about a pod that fails it. */
export interface Breach {
  /** The reason as the API server words it. */
  readonly reason: string;
  /** The detail as the API server words it. */
  readonly detail: string;
  readonly fields: readonly FieldBreach[];
}

/** One rule of a Pod Security Standard; undefined when the pod meets it. Pure. */
export type CheckPod = (pod: PodView) => Breach | undefined;
