import { z } from "zod";
import { instant } from "../kinds/object-meta.ts";
import type { Session } from "../kinds/session.ts";
import { sessionViewSchema } from "./replies.ts";
import { sessionView } from "./session-view.ts";

/** Events of a session's life, with what each tells. `docs/reference/asyncapi.yaml` is generated from it. */
export const SESSION_EVENTS = {
  created: "The session is on record; nothing else exists yet.",
  queued: "It waits for a place, or its position changed; `session.queue` says which.",
  ready: "Its URL works.",
  extended: "Its end moved.",
  revoked: "Every token minted before now is void.",
  warning: "It ends soon; `session.expiresAt` says when.",
  ending: "Access is closed; clean-up has begun. `session.endReason` says why.",
  ended: "Everything of it is gone.",
} as const;
export type SessionEventType = keyof typeof SESSION_EVENTS;

/** Body of every event on `carrel.v1.evt.TENANT.session.SESSION.TYPE`. Hints: they may be lost or come twice. */
export const sessionEventSchema = z.object({
  type: z.enum(Object.keys(SESSION_EVENTS) as [SessionEventType, ...SessionEventType[]]),
  at: instant,
  session: sessionViewSchema,
});
export type SessionEvent = z.infer<typeof sessionEventSchema>;

/** The event that something happened to a session at an instant (milliseconds since the epoch). Pure. */
export function sessionEvent(type: SessionEventType, session: Session, atMs: number): SessionEvent {
  return { type, at: new Date(atMs).toISOString(), session: sessionView(session) };
}
