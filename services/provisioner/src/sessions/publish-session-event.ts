import { sessionEvent, subjects, type Session, type SessionEventType } from "@carrel/api";
import type { Clock } from "@carrel/std";

/** Tells the tenant what happened to its session. A hint: never waited for, may be lost. */
export function publishSessionEvent(
  { publish, clock }: { readonly publish: (subject: string, body: object) => void; readonly clock: Clock },
  type: SessionEventType,
  session: Session,
): void {
  publish(subjects.event(session.spec.tenant, session.metadata.name, type), sessionEvent(type, session, clock.now()));
}
