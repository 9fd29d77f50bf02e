import type { Session, Workspace } from "@carrel/api";

/** What became of the sessions that were asked for. */
export interface Pairing {
  /** Asked for, and not there. */
  readonly lost: number;
  /** Sessions with two workspaces, workspaces with two sessions, and requests with two sessions. */
  readonly doubled: number;
}

/**
 * Compares what was asked for with what there is.
 *
 * @param asked names of the sessions that the requests' keys lead to. Pure.
 */
export function pairingOf(
  asked: readonly string[],
  sessions: readonly Session[],
  workspaces: readonly Workspace[],
): Pairing {
  const there = new Set(sessions.map(({ metadata }) => metadata.name));
  const held = workspaces.filter(({ spec }) => spec.session !== undefined);
  return {
    lost: asked.filter((name) => !there.has(name)).length,
    doubled:
      sessions.length -
      there.size +
      Math.max(0, there.size - new Set(asked).size) +
      repeated(held.map(({ spec }) => spec.session?.uid)) +
      repeated(sessions.filter(({ status }) => status?.phase === "Ready").map(({ spec }) => spec.workspace)),
  };
}

function repeated(values: readonly unknown[]): number {
  return values.length - new Set(values).size;
}
