import { sessionEvent, subjects, type Session, type SessionEventType } from "@carrel/api";
import type { RequestContext } from "./request-context.ts";

/** Tells the tenant what happened to its session. A hint: never waited for, may be lost. */
export function publishSessionEvent(
  { publish, clock }: Pick<RequestContext, "publish" | "clock">,
  type: SessionEventType,
  session: Session,
): void {
  publish(subjects.event(session.spec.tenant, session.metadata.name, type), sessionEvent(type, session, clock.now()));
}
