import type { Session, SessionTemplate, Workspace } from "@carrel/api";
import { isConditionTrue, findCondition } from "@carrel/kube";
import { isEnding } from "../sessions/is-ending.ts";
import { isOver } from "../sessions/is-over.ts";
import type { Seat, WorkspaceFact } from "./placement.ts";

/** Reasons of a Workspace whose desk may be ready any moment. Others tell of a failure, or of something else it waits for. */
const STARTING = new Set(["Creating", "PodStarting", "Claimed"]);

/** Template and generation: what tells whether a spare may serve a session. */
export function laneOf(template: { readonly uid: string; readonly generation: number }): string {
  return `${template.uid}/${template.generation}`;
}

/** {@link laneOf} of a template as it is now. */
export function laneOfTemplate({ metadata }: SessionTemplate): string {
  return laneOf({ uid: metadata.uid ?? "", generation: metadata.generation ?? 0 });
}

/** True until a session's end was asked for, or it was deleted. */
export function isLiving(session: Session): boolean {
  return session.metadata.deletionTimestamp === undefined && !isOver(session);
}

/** A session as placement sees it. */
export function seatOf({ metadata, spec }: Session): Seat {
  return {
    name: metadata.name,
    uid: metadata.uid ?? "",
    tenant: spec.tenant,
    user: spec.user.id,
    lane: laneOf(spec.template),
  };
}

/** A Workspace as placement sees it. */
export function workspaceFact(workspace: Workspace): WorkspaceFact {
  const { metadata, spec } = workspace;
  return {
    name: metadata.name,
    lane: laneOf(spec.template),
    template: spec.template.name,
    ...(spec.session === undefined ? {} : { holder: spec.session }),
    state: stateOf(workspace),
  };
}

function stateOf(workspace: Workspace): WorkspaceFact["state"] {
  if (isEnding(workspace)) return "dying";
  const { spec, status } = workspace;
  // Who holds it has it, also while the desk restarts; nobody is given one that does not answer now.
  const ready = spec.session === undefined ? isConditionTrue(status?.conditions, "Ready") : status?.phase === "Ready";
  if (ready) return "ready";
  const reason = findCondition(status?.conditions, "Ready")?.reason;
  if (reason === "PodUnschedulable") return "stuck";
  return reason === undefined || STARTING.has(reason) ? "starting" : "lingering";
}
