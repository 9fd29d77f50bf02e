import type { Workspace } from "@carrel/api";

/** True for a Workspace that is on its way out, or whose end was asked for. Pure. */
export function isEnding({ metadata, spec, status }: Workspace): boolean {
  return metadata.deletionTimestamp !== undefined || spec.terminate !== undefined || status?.phase === "Terminating";
}
