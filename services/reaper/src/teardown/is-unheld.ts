import type { Session, Workspace } from "@carrel/api";

/**
 * True when a workspace that was made or claimed for a session is not that session's any more: the session is gone, has
 * ended, or lives in another workspace (two leaders chose, and one choice came too late). Of a session that is not
 * ready nothing is known yet. Pure.
 *
 * @param session what bears the name of the workspace's session now.
 */
export function isUnheld(workspace: Workspace, session: Session | undefined): boolean {
  const holder = workspace.spec.session;
  if (holder === undefined) return false;
  if (session?.metadata.uid !== holder.uid) return true;
  const phase = session.status?.phase;
  if (phase === "Ended") return true;
  // Once it is ready a session never changes its workspace.
  return (phase === "Ready" || phase === "Ending") && session.spec.workspace !== workspace.metadata.name;
}
