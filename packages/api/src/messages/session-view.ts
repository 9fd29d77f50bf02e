import type { Session } from "../kinds/session.ts";
import type { SessionPhase } from "../phases.ts";
import type { SessionView } from "./replies.ts";

const STATES: Readonly<Record<SessionPhase, SessionView["state"]>> = {
  Queued: "queued",
  Provisioning: "pending",
  Ready: "ready",
  Ending: "ending",
  Ended: "ended",
};

/** A Session as callers of the request API and readers of events see it. Pure. */
export function sessionView(session: Session): SessionView {
  const { spec, status, metadata } = session;
  // An end that was asked for closes access at once, whatever the reaper has written yet.
  const phase = status?.phase ?? "Provisioning";
  const ending = spec.end !== undefined && phase !== "Ended";
  const ready = status?.conditions?.find((condition) => condition.type === "Ready");
  return {
    name: metadata.name,
    tenant: spec.tenant,
    template: spec.template.name,
    user: spec.user,
    state: ending ? "ending" : STATES[phase],
    phase,
    reason: ready?.reason,
    message: ready?.message,
    queue: phase === "Queued" ? status?.queue : undefined,
    url: status?.url,
    endpoints: status?.endpoints?.map(({ name, title, url }) => ({ name, title, url })),
    links: status?.links,
    createdAt: metadata.creationTimestamp ?? "",
    readyAt: status?.readyAt,
    expiresAt: spec.expiresAt,
    deadlineAt: spec.deadlineAt,
    endedAt: status?.endedAt,
    endReason: status?.endReason ?? spec.end?.reason,
    endMessage: spec.end?.message,
  };
}
