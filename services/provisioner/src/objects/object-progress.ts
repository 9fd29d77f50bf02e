import type { WorkspaceStatus } from "@carrel/api";

/** What became of one object of a template, as it stands in a Workspace's status. */
export type ObjectStatus = NonNullable<WorkspaceStatus["objects"]>[number];

/** An object of a template on its way. Without a `uid` it has not been created. */
export interface ObjectProgress {
  readonly status: ObjectStatus;
  /** When the API server created it; what its timeout counts from. Unknown until it is read after a restart. */
  readonly createdAtMs?: number;
  /** Calls about it that led to nothing so far: they space out. */
  readonly tries: number;
  /** Not before: milliseconds since the epoch. */
  readonly nextAtMs: number;
}

/** True when nothing is left to do for it: ready, left out, or refused for good. */
export function isSettled({ status }: ObjectProgress): boolean {
  return status.state !== "Waiting";
}

/** What progress is restored for. */
interface WithOutputs {
  readonly name: string;
  readonly outputs: Readonly<Record<string, string>>;
}

/**
 * What a Workspace's status tells of its objects to a process that remembers nothing. One whose outputs are missing is
 * looked at again.
 */
export function progressOf(
  status: WorkspaceStatus | undefined,
  planned: readonly WithOutputs[],
): Map<string, ObjectProgress> {
  const progress = new Map<string, ObjectProgress>();
  for (const object of status?.objects ?? []) {
    if (object.state === "Waiting" && object.uid === undefined) continue;
    const { outputs = {} } = planned.find(({ name }) => name === object.name) ?? {};
    const complete = Object.keys(outputs).every((field) => status?.outputs?.[`${object.name}.${field}`] !== undefined);
    const state = object.state === "Ready" && !complete ? "Waiting" : object.state;
    progress.set(object.name, { status: { ...object, state }, tries: 0, nextAtMs: 0 });
  }
  return progress;
}
