import { sessionView, type Session, type SessionView } from "@carrel/api";
import type { RequestContext } from "./request-context.ts";

export interface SessionAnswer {
  readonly session: SessionView;
  readonly token?: string;
  readonly loginUrl?: string;
}

/** The answer about a session; with a fresh exchange token when it is ready. */
export async function sessionAnswer(context: RequestContext, session: Session): Promise<SessionAnswer> {
  const view = sessionView(session);
  if (view.state !== "ready" || view.url === undefined) return { session: view };
  const token = await context.tokens.mint(session);
  return { session: view, token, loginUrl: `${view.url}?carrel_token=${token}` };
}
