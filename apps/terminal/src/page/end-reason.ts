import type { EndReason } from "@carrel/api";

const TEXTS: Readonly<Record<EndReason, string>> = {
  Expired: "Its time was up.",
  EndedByUser: "You ended it.",
  EndedByTenant: "The service that opened it has ended it.",
  EndedByOperator: "An operator has ended it.",
  Idle: "It was not used for a while.",
  NotActivated: "It was not opened in time.",
  CapExceeded: "There are too many sessions open already.",
  QueueFull: "Too many are waiting for a place already.",
  QueueDeadlineExceeded: "No place became free in time.",
  SpareRetired: "It was not needed any more.",
  StartDeadlineExceeded: "It did not start in time.",
  Failed: "Something in it failed and it could not go on.",
  Orphaned: "What it belonged to is gone.",
};

/** A sentence for the reason that a session ended with; reasons that are none of Carrel's own are shown as they are. */
export function endReasonText(reason: string): string {
  const given = reason.trim();
  if (Object.hasOwn(TEXTS, given)) return TEXTS[given as EndReason];
  return given === "" ? "Nothing more can be done in it." : given;
}
