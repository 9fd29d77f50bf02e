import { ApiError, type Session } from "@carrel/api";

export interface ListQuery {
  readonly tenant: string;
  readonly user?: string | undefined;
  readonly includeEnded: boolean;
  readonly limit: number;
  readonly continue?: string | undefined;
}

/** One page of a tenant's sessions, oldest first, from a cache. Pure. */
export function listSessions(
  all: Iterable<Session>,
  query: ListQuery,
): { readonly sessions: readonly Session[]; readonly continue?: string } {
  const after = query.continue === undefined ? "" : decodeCursor(query.continue);
  const found: { readonly cursor: string; readonly session: Session }[] = [];
  for (const session of all) {
    if (session.spec.tenant !== query.tenant) continue;
    if (query.user !== undefined && session.spec.user.id !== query.user) continue;
    if (!query.includeEnded && session.status?.phase === "Ended") continue;
    const cursor = `${session.metadata.creationTimestamp ?? ""} ${session.metadata.name}`;
    if (cursor > after) found.push({ cursor, session });
  }
  found.sort((a, b) => (a.cursor < b.cursor ? -1 : 1));
  const page = found.slice(0, query.limit);
  const last = page.at(-1);
  const sessions = page.map(({ session }) => session);
  return found.length > page.length && last !== undefined
    ? { sessions, continue: Buffer.from(last.cursor).toString("base64url") }
    : { sessions };
}

function decodeCursor(text: string): string {
  const cursor = Buffer.from(text, "base64url").toString();
  if (!/^[0-9TZ:.-]+ s[a-z2-7]{20}$/.test(cursor))
    throw new ApiError("INVALID", "continue: is not a value that an earlier list returned");
  return cursor;
}
