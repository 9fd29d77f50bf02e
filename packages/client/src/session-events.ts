import { type SessionView, subjects } from "@carrel/api";
import type { ReceivedEvent } from "@carrel/messaging";

/** What happened to a session, or that something may have been missed. */
export type SessionEvent =
  | {
      readonly type: "event";
      /** Name of the session. */
      readonly session: string;
      /** `ready`, `ending`, `ended`; newer versions may add others. */
      readonly event: string;
      /** The session as it was then, where the event carries it. */
      readonly view?: SessionView;
      /** Why it ends, where the event says so. */
      readonly reason?: string;
    }
  /** Events may have been missed: get or list what matters again. */
  | { readonly type: "gap"; readonly reason: "reconnected" | "overflow" };

/** Session events as they come. Ends by `break`, disposal or its signal. */
export interface SessionEvents extends AsyncIterableIterator<SessionEvent, undefined>, AsyncDisposable {
  /** Resolves when the server listens: look at sessions after this, and nothing falls in between. */
  readonly ready: Promise<void>;
}

/** The subject of a tenant's events, or of those of one session. */
export function eventsSubject(tenant: string, session: string | undefined): string {
  return subjects.event(tenant, session ?? "*", "*");
}

/** Reads an event; undefined when it is none of a session. */
export function readSessionEvent(received: ReceivedEvent): SessionEvent | undefined {
  if (received.type === "gap") return received;
  const [, session, event] = /\.session\.([^.]+)\.([^.]+)$/.exec(received.subject) ?? [];
  if (session === undefined || event === undefined) return undefined;
  const body = isObject(received.body) ? received.body : {};
  const { session: view, reason } = body;
  return {
    type: "event",
    session,
    event,
    ...(isObject(view) ? { view: view as unknown as SessionView } : {}),
    ...(typeof reason === "string" ? { reason } : {}),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
