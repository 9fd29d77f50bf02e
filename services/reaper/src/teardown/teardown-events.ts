import type { Workspace } from "@carrel/api";
import { objectReference, WORKSPACES, type EventRecorder } from "@carrel/kube";

/** Reasons of the Events about a teardown. Each its own: of a series of Events the first note stays. */
export type TeardownReason =
  /** Something takes its time; it still has some. */
  | "TeardownWaits"
  /** What is finalised outside took too long; the note names it. */
  | "TeardownBlocked"
  /** A namespace does not go; the note has the namespace controller's words. */
  | "NamespaceStuck"
  /** Something cluster-scoped does not go; the note names it. */
  | "ClusterObjectsStuck";

/** Workspaces that are remembered. */
const MAX_REMEMBERED = 10_000;

/** Tells operators, as Events on the Workspace, what a teardown waits for: once, and again when it is something else. */
export class TeardownEvents {
  readonly #events: Pick<EventRecorder, "record">;
  /** By the Workspace's UID and the reason, the last note. */
  readonly #told = new Map<string, string>();

  constructor(events: Pick<EventRecorder, "record">) {
    this.#events = events;
  }

  tell(workspace: Workspace, reason: TeardownReason, note: string): void {
    const key = `${workspace.metadata.uid ?? ""} ${reason}`;
    if (this.#told.get(key) === note) return;
    this.#told.delete(key);
    this.#told.set(key, note);
    const [oldest] = this.#told.keys();
    if (this.#told.size > MAX_REMEMBERED && oldest !== undefined) this.#told.delete(oldest);
    const type = reason === "TeardownWaits" ? "Normal" : "Warning";
    this.#events.record({ regarding: objectReference(WORKSPACES, workspace), type, reason, action: "TearDown", note });
  }
}
