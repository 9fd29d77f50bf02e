const TEXTS: Readonly<Record<string, string>> = {
  expired: "Its time was up.",
  idle: "It was not used for a while.",
  ended: "It was ended.",
  failed: "Something in it failed and it could not go on.",
  revoked: "Access to it was withdrawn.",
  orphaned: "What it belonged to is gone.",
};

/** A sentence for the reason that a session ended with; reasons that are none of Carrel's own are shown as they are. */
export function endReasonText(reason: string): string {
  const known = TEXTS[reason.trim().toLowerCase()];
  if (known !== undefined) return known;
  return reason.trim() === "" ? "Nothing more can be done in it." : reason.trim();
}
