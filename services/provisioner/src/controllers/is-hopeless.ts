import type { ReadyReason } from "@carrel/api";

const HOPELESS: ReadonlySet<string> = new Set<ReadyReason>([
  "ObjectRefused",
  "NameTaken",
  "ObjectsFailed",
  "SourceMissing",
]);

/** True for a reason of a Workspace's Ready condition that no waiting mends: a session fails with it, a spare goes. Pure. */
export function isHopeless(reason: string): boolean {
  return HOPELESS.has(reason);
}
