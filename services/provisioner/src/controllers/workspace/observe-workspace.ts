import type { Namespace, Pod } from "@carrel/kube";
import type { WorkspaceContext } from "../../resources/workspace-context.ts";
import type { ObjectsOutcome } from "./objects-port.ts";
import { observeDesk } from "./observe-desk.ts";
import type { WorkspaceObservation } from "./workspace-status.ts";

/** What a reconcile has found and done. */
export interface WorkspaceFacts {
  readonly namespaces: readonly Namespace[];
  readonly pod: Pod | undefined;
  /** The quotas are in force, and the learner has their rights. */
  readonly bound: boolean;
  /** The quotas take unusually long to be in force. */
  readonly late?: boolean;
  /** What became of the objects; undefined: there was nothing to do about them. */
  readonly outcome: ObjectsOutcome | undefined;
  /** A session has taken the workspace since it was Ready, and not all that this asks for was done before. */
  readonly claiming: boolean;
}

/** What it comes to: Ready when the desk answers, the learner may work and the objects are there. Pure. */
export function observeWorkspace(
  { workspace, template }: WorkspaceContext,
  facts: WorkspaceFacts,
): WorkspaceObservation {
  const { namespaces, pod, bound, outcome } = facts;
  const desk = observeDesk(pod, workspace.status?.phase === "Ready");
  const seen = {
    namespaces,
    ...(pod === undefined ? {} : { pod }),
    ...(outcome === undefined || template.objects.length === 0
      ? {}
      : { objects: { objects: [...outcome.objects], outputs: outcome.outputs } }),
    claiming: facts.claiming && outcome?.done === false,
  };
  if (outcome?.failure !== undefined) {
    return { ...seen, ready: false, reason: outcome.reason ?? "ObjectsFailed", message: outcome.failure };
  }
  if (!bound) {
    const message = "the quota controller has not taken up the quotas yet";
    return { ...seen, ready: false, reason: facts.late === true ? "WaitingForQuota" : "Creating", message };
  }
  if (!desk.ready) return { ...seen, ...desk };
  if (outcome?.done === false) {
    const waiting = outcome.objects
      .filter(({ state }) => state === "Waiting")
      .map(({ name, message: why }) => (why === undefined ? name : `${name} (${why})`));
    const message = `not ready yet: ${waiting.join(", ")}`;
    return { ...seen, ready: false, reason: facts.claiming ? "Claimed" : "WaitingForObjects", message };
  }
  return { ...seen, ...desk };
}
