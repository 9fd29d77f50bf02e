import type { ApiCall } from "./audit-event.ts";

/** A session's names, by which calls are known to be about it. */
export interface SessionNames {
  readonly session: string;
  /** Also the name of its namespace. */
  readonly workspace: string;
}

/** Whom a call of Carrel's services is for. */
export type Attribution =
  /** It names the session, its workspace, or something in its namespace. */
  | "session"
  /** It names another session, workspace or namespace of one. */
  | "another"
  /** It names none, e.g. a read of the session's PolicyProfile. */
  | "unnamed"
  /** It is a process's own, however many sessions there are: watches, the lists before them, leader election. */
  | "process";

/** What names of sessions and workspaces look like. */
const ANY_NAME = /[sw][a-z2-7]{20}/;
/** Carrel's own accounts. */
const SERVICE_ACCOUNT = /^system:serviceaccount:carrel-system:([^:]+)$/;

/** Which of Carrel's services made the call; undefined when none did. */
export function serviceOf(call: ApiCall): string | undefined {
  return SERVICE_ACCOUNT.exec(call.user)?.[1];
}

/** Decides whom a call of a service is for. An Event counts for the object that its name begins with. */
export function attributeCall(call: ApiCall, { session, workspace }: SessionNames): Attribution {
  const text = `${call.namespace}/${call.name}`;
  if (call.verb === "watch" || call.verb === "list" || call.resource === "leases") return "process";
  if (text.includes(session) || text.includes(workspace)) return "session";
  return ANY_NAME.test(text) ? "another" : "unnamed";
}

/**
 * Carrel's calls for one session out of the calls in its life. On a cluster without another living session those that
 * name none are for it too: what is periodic is told apart by kind, not by time.
 */
export function callsOfSession(calls: readonly ApiCall[], names: SessionNames): ApiCall[] {
  return calls.filter((call) => {
    if (serviceOf(call) === undefined) return false;
    const attribution = attributeCall(call, names);
    return attribution === "session" || attribution === "unnamed";
  });
}
