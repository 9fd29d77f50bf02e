import type { Session } from "@carrel/api";

/** True from the moment at which a session's end was asked for. Pure. */
export function isOver({ spec, status }: Session): boolean {
  return spec.end !== undefined || status?.phase === "Ending" || status?.phase === "Ended";
}
