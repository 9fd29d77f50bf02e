import type { EndReason, ReadyReason } from "@carrel/api";

/** Why a session has ended, for the one who used it. */
export const ENDED_TEXTS: Readonly<Record<EndReason, string>> = {
  Expired: "Its time is over.",
  EndedByUser: "You have ended it.",
  EndedByTenant: "It was ended by the place where you started it.",
  EndedByOperator: "It was ended by the people who run this service.",
  Idle: "It was not used for a while.",
  NotActivated: "It was not opened in time.",
  CapExceeded: "There are too many sessions open already.",
  QueueFull: "Too many are waiting for a place already.",
  QueueDeadlineExceeded: "No place became free in time.",
  SpareRetired: "It was not needed any more.",
  StartDeadlineExceeded: "It could not be made ready in time.",
  Failed: "It could not be started.",
  Orphaned: "What it belonged to no longer exists.",
};

/** What is going on while a session is starting, for the one who waits. */
export const PROGRESS_TEXTS: Readonly<Record<ReadyReason, string>> = {
  Queued: "All places are taken at the moment; yours comes as soon as one is free.",
  Creating: "Your workspace is being set up.",
  WaitingForQuota: "Your workspace is being set up.",
  WaitingForObjects: "What your workspace comes with is being set up.",
  ObjectsFailed: "Something that your workspace needs could not be set up.",
  SourceMissing: "Something that your workspace needs is missing.",
  Claimed: "Your workspace is being handed to you.",
  PodStarting: "Your workspace is starting.",
  Ready: "Your workspace opens in a moment.",
  PodNotReady: "Your workspace does not answer at the moment. This page opens it as soon as it does.",
  PodUnschedulable: "There is no room for your workspace at the moment; it starts as soon as there is.",
  ImagePullFailed: "The software of your workspace cannot be fetched at the moment. It is being tried again.",
  ContainerFailed: "Your workspace has stopped while starting. It is being tried again.",
  ObjectRefused: "Something that your workspace needs was refused.",
  NameTaken: "Something that your workspace needs was refused.",
  Ending: "This session is ending.",
  Ended: "This session has ended.",
};
