/**
 * Why a session ends. One path for all of them: the reason differs, the teardown does not.
 * `docs/reference/reasons.md` is generated from these tables.
 */
export const END_REASONS = {
  Expired: "Its time is over (`spec.expiresAt`).",
  EndedByUser: "Its user asked for the end.",
  EndedByTenant: "The tenant's backend asked for the end.",
  EndedByOperator: "An operator asked for the end, or deleted the Session.",
  Idle: "Nobody used it for as long as its template allows.",
  NotActivated: "Nobody opened it in the time that its template allows.",
  CapExceeded: "A cap of its tenant or user was reached when its turn came; nothing was created.",
  QueueFull: "More sessions of its tenant waited for a place than may; nothing was created.",
  QueueDeadlineExceeded: "No place became free before its queue deadline.",
  SpareRetired: "A spare workspace is not wanted any more: too old, of an older template, or in the way of a session.",
  StartDeadlineExceeded: "It was not ready before its start deadline.",
  Failed: "Something that it needs could not be created; the Ready condition keeps the cause.",
  Orphaned: "The Session of a Workspace, or the Tenant of a Session, no longer exists.",
} as const;
export type EndReason = keyof typeof END_REASONS;

/** Reasons of the condition `Ready` on Sessions and Workspaces. */
export const READY_REASONS = {
  Queued: "Waits for a place.",
  Creating: "Namespaces and objects are being created.",
  WaitingForQuota: "The quota controller has not taken up the quotas yet.",
  WaitingForObjects: "Objects of the template are not ready yet; the message names them.",
  ObjectsFailed: "An object of the template was refused or did not become ready in time; the message names it.",
  SourceMissing: "A Secret to copy does not exist or does not consent; the message names it.",
  Claimed: "A spare workspace was taken; what waits for the claim is being applied.",
  PodStarting: "The workspace pod exists and is not ready yet.",
  Ready: "The endpoints answer.",
  PodNotReady: "The workspace pod was ready and is not any more.",
  PodUnschedulable: "No node can take the workspace pod; the message is the scheduler's.",
  ImagePullFailed: "An image of the workspace pod cannot be pulled.",
  ContainerFailed: "A container of the workspace pod keeps failing.",
  ObjectRefused: "The API server refused an object; the message is its own.",
  NameTaken: "An object with our name belongs to somebody else; it is left alone.",
  Ending: "The end was asked for; access is closed.",
  Ended: "Everything of it is gone.",
} as const;
export type ReadyReason = keyof typeof READY_REASONS;
