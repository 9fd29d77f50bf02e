import type { ReadyReason, WorkspaceStatus } from "@carrel/api";
import type { WorkspaceContext } from "../../resources/workspace-context.ts";

/** What became of a template's objects so far. */
export interface ObjectsOutcome {
  /** For `status.objects`, in the template's order. */
  readonly objects: NonNullable<WorkspaceStatus["objects"]>;
  /** Values of `$(outputs.OBJECT.FIELD)` by `OBJECT.FIELD`. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Everything of the stage is applied and what had to be waited for holds. */
  readonly done: boolean;
  /** Why it never will be: what was refused or took too long, by name. */
  readonly failure?: string;
  /** Reason of the Ready condition that goes with `failure`; default `ObjectsFailed`. */
  readonly reason?: Extract<ReadyReason, "ObjectsFailed" | "SourceMissing" | "NameTaken">;
  /** Look again after this long, whatever happens. */
  readonly pollAfterMs?: number;
}

/** Brings along what a template's `objects` and `secrets` ask for. */
export interface ObjectsEngine {
  /**
   * Applies what is due and says how it stands; idempotent, never waits for an object. `build`: copied secrets and the
   * objects whose variables are known when a workspace is built, into namespaces whose contents exist. `claim`: those
   * and the objects that need the session's variables; what `build` applied already is not applied again.
   */
  reconcile(context: WorkspaceContext, stage: "build" | "claim", signal: AbortSignal): Promise<ObjectsOutcome>;
  /** The workspace ends, or needs nothing more for now. */
  forget(workspaceUid: string): void;
}
