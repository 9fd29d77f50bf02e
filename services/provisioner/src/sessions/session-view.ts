import type { Session, SessionView } from "@carrel/api";

/** A Session as callers of the request API see it. */
export function sessionView(session: Session): SessionView {
  const { spec, status, metadata } = session;
  const phase = status?.phase ?? "Queued";
  const ready = status?.conditions?.find((condition) => condition.type === "Ready");
  return {
    name: metadata.name,
    tenant: spec.tenant,
    template: spec.template.name,
    user: spec.user,
    state: phase === "Ready" ? "ready" : phase === "Ending" ? "ending" : phase === "Ended" ? "ended" : "pending",
    phase,
    reason: ready?.reason,
    message: ready?.message,
    url: status?.url,
    endpoints: status?.endpoints?.map(({ name, title, url }) => ({ name, title, url })),
    createdAt: metadata.creationTimestamp ?? "",
    expiresAt: spec.expiresAt,
    endReason: status?.endReason ?? spec.end?.reason,
  };
}
