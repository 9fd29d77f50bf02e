import type { SessionView } from "@carrel/api";
import type { SessionAnswer } from "@carrel/client";
import { table } from "../output/table.ts";

/** Sessions as a table. */
export function sessionTable(views: readonly SessionView[]): string {
  if (views.length === 0) return "no sessions";
  return table(
    ["NAME", "PHASE", "TEMPLATE", "USER", "EXPIRES", "REASON"],
    views.map((view) => [view.name, view.phase, view.template, view.user.id, view.expiresAt, reasonOf(view)]),
  );
}

/** One session as a table, with its URL and what it waits for. */
export function answerText({ session, loginUrl }: SessionAnswer): string {
  const lines = [sessionTable([session])];
  if (session.state !== "ready" && session.message !== undefined) lines.push(session.message);
  if (session.queue?.estimatedStartAt !== undefined) lines.push(`starts about ${session.queue.estimatedStartAt}`);
  const url = loginUrl ?? session.url;
  if (url !== undefined && session.state === "ready") lines.push(url);
  return lines.join("\n");
}

function reasonOf({ state, reason, endReason, queue }: SessionView): string {
  if (queue !== undefined) return `place ${queue.position} in the queue`;
  return state === "ready" ? "" : (endReason ?? reason ?? "");
}
