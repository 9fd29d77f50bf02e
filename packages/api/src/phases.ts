/** Life of a Session. `Ended` is a tombstone that answers replays for 24 h. */
export const SESSION_PHASES = ["Queued", "Provisioning", "Ready", "Ending", "Ended"] as const;
export type SessionPhase = (typeof SESSION_PHASES)[number];

/** Life of a Workspace; after `Terminating` the object is gone. */
export const WORKSPACE_PHASES = ["Provisioning", "Ready", "Terminating"] as const;
export type WorkspacePhase = (typeof WORKSPACE_PHASES)[number];

const SESSION_ARROWS: Readonly<Record<SessionPhase, readonly SessionPhase[]>> = {
  Queued: ["Provisioning", "Ready", "Ending"],
  Provisioning: ["Ready", "Ending"],
  Ready: ["Ending"],
  Ending: ["Ended"],
  Ended: [],
};

const WORKSPACE_ARROWS: Readonly<Record<WorkspacePhase, readonly WorkspacePhase[]>> = {
  Provisioning: ["Ready", "Terminating"],
  Ready: ["Terminating"],
  Terminating: [],
};

/** True when a Session may go from one phase to the other (staying is allowed; `undefined` is a new object). */
export function isSessionTransition(from: SessionPhase | undefined, to: SessionPhase): boolean {
  return from === undefined || from === to || SESSION_ARROWS[from].includes(to);
}

/** True when a Workspace may go from one phase to the other. */
export function isWorkspaceTransition(from: WorkspacePhase | undefined, to: WorkspacePhase): boolean {
  return from === undefined || from === to || WORKSPACE_ARROWS[from].includes(to);
}
