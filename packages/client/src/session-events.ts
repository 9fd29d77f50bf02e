import { type SessionEventType, type SessionView, subjects } from "@carrel/api";
import type { ReceivedEvent } from "@carrel/messaging";

/** What happened to a session, or that something may have been missed. */
export type SessionEvent =
  | {
      readonly type: "event";
      /** Name of the session. */
      readonly session: string;
      /** Newer versions may add others. */
      readonly event: SessionEventType | (string & {});
      /** The session as it was then. */
      readonly view: SessionView;
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
  if (!isObject(received.body) || !isObject(received.body["session"])) return undefined;
  return { type: "event", session, event, view: received.body["session"] as unknown as SessionView };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
