import {
  secretParametersName,
  sessionEvent,
  subjects,
  type EndReason,
  type Session,
  type SessionStatus,
  type Workspace,
} from "@carrel/api";
import {
  findObject,
  isConflict,
  isNotFound,
  OwnWrites,
  patchStatus,
  SECRETS,
  SESSIONS,
  setCondition,
  WORKSPACES,
  type KubeClient,
  type ReadonlyStore,
} from "@carrel/kube";
import type { Clock } from "@carrel/std";
import { SeenDeletions } from "../teardown/seen-deletions.ts";
import { decideSession, type SessionDecision } from "./decide-session.ts";

export interface SessionReaperOptions {
  readonly client: KubeClient;
  readonly sessions: Pick<ReadonlyStore<Session>, "get">;
  readonly workspaces: Pick<ReadonlyStore<Workspace>, "get">;
  /** True when the watch told this process that the workspace of the Session with that UID was deleted. */
  readonly workspaceWasDeleted: (sessionUid: string) => boolean;
  /** Where the secret parameters of sessions are kept. */
  readonly parametersNamespace: string;
  readonly clock: Clock;
  /** Publishes an event; never throws, never waits. */
  readonly publish: (subject: string, body: object) => void;
  /** Tells an operator, as a Kubernetes Event on the Session. */
  readonly record: (session: Session, reason: string, message: string) => void;
}

/** Ends that everybody expects: an Event for each would only bury the others. */
const ORDINARY = new Set<EndReason>(["Expired", "EndedByUser", "EndedByTenant"]);
/** The queue waits by a clock that does not jump with the wall: look at that again at least so often. No call is made. */
const LONGEST_WAIT_MS = 60_000;
/** How soon to look again when the cache lags behind a write of ours. */
const LAG_MS = 250;

/**
 * Ends sessions. Each step is one write that carries the state it was decided on: two leaders, or one that slept, do
 * no harm. Nothing polls: the next deadline is a delayed entry of the work queue.
 */
export class SessionReaper {
  readonly #options: SessionReaperOptions;
  readonly #writes = new OwnWrites<Session>();
  /** Workspaces whose deletion the API server has accepted: a cache that does not show it yet is no reason to ask again. */
  readonly #deleted = new SeenDeletions();

  constructor(options: SessionReaperOptions) {
    this.#options = options;
  }

  async reconcile(name: string, signal: AbortSignal): Promise<{ requeueAfterMs?: number } | void> {
    const cached = this.#options.sessions.get(name);
    if (cached === undefined) return this.#writes.forget(name);
    const session = this.#writes.newest(cached);
    const decision = decideSession(session, this.#options.clock.now());
    try {
      return await this.#carryOut(session, decision, signal);
    } catch (error) {
      // Somebody wrote first (an extend, another leader): decide again on what they wrote.
      if (isConflict(error)) return { requeueAfterMs: LAG_MS };
      if (isNotFound(error)) return;
      throw error;
    }
  }

  async #carryOut(
    session: Session,
    decision: SessionDecision,
    signal: AbortSignal,
  ): Promise<{ requeueAfterMs?: number } | void> {
    switch (decision.action) {
      case "rest":
        return;
      case "wait":
        return { requeueAfterMs: Math.min(decision.ms, LONGEST_WAIT_MS) };
      case "end":
        await this.#end(session, decision, signal);
        return;
      case "teardown":
        return await this.#teardown(session, signal);
      case "forget": {
        const { name, uid, resourceVersion } = session.metadata;
        await this.#options.client.delete(SESSIONS, name, { uid, resourceVersion, signal });
        return;
      }
    }
  }

  /** The fence: an extend that won has changed the resourceVersion, and this write conflicts. */
  async #end(
    session: Session,
    { reason, message }: { reason: EndReason; message: string },
    signal: AbortSignal,
  ): Promise<void> {
    const status: SessionStatus = {
      ...session.status,
      phase: "Ending",
      endReason: reason,
      observedGeneration: session.metadata.generation ?? 0,
      conditions: this.#condition(session, "Ending", `${reason}: ${message}`),
    };
    const written = await this.#write(session, status, signal);
    if (!ORDINARY.has(reason)) this.#options.record(session, reason, message);
    this.#publish("ending", written);
  }

  async #teardown(session: Session, signal: AbortSignal): Promise<{ requeueAfterMs?: number } | void> {
    const { client } = this.#options;
    const workspace = await this.#workspaceOf(session, signal);
    if (workspace !== undefined && workspace.spec.session?.uid === session.metadata.uid) {
      const { name, uid = "", deletionTimestamp } = workspace.metadata;
      if (deletionTimestamp === undefined && !this.#deleted.has(uid)) {
        await client.delete(WORKSPACES, name, { uid, signal });
        this.#deleted.add(uid);
      }
      // Its deletion event brings us back; the long look is for a cache that missed it.
      return { requeueAfterMs: 30_000 };
    }
    await this.#forgetSecrets(session, signal);
    const endedAt = new Date(this.#options.clock.now()).toISOString();
    const conditions = this.#condition(session, "Ended", "everything of it is gone");
    const status: SessionStatus = { ...session.status, phase: "Ended", endedAt, conditions };
    this.#publish("ended", await this.#write(session, status, signal));
  }

  /** The record of a session stays for a while; what it was told in confidence does not. */
  async #forgetSecrets({ metadata, spec }: Session, signal: AbortSignal): Promise<void> {
    if ((spec.secretParameters ?? []).length === 0) return;
    const { client, parametersNamespace: namespace } = this.#options;
    try {
      await client.delete(SECRETS, secretParametersName(metadata.name), { namespace, signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** What the cache does not have was seen deleted, or is looked for: a cache that lags must not end a session. */
  async #workspaceOf({ metadata, spec }: Session, signal: AbortSignal): Promise<Workspace | undefined> {
    const { client, workspaces, workspaceWasDeleted } = this.#options;
    const cached = workspaces.get(spec.workspace);
    if (cached !== undefined || workspaceWasDeleted(metadata.uid ?? "")) return cached;
    return await findObject(client, WORKSPACES, spec.workspace, { signal });
  }

  async #write(session: Session, status: SessionStatus, signal: AbortSignal): Promise<Session> {
    const written = await patchStatus(this.#options.client, SESSIONS, session, status, { signal });
    this.#writes.remember(written);
    return written;
  }

  #publish(type: "ending" | "ended", session: Session): void {
    const { tenant } = session.spec;
    const event = sessionEvent(type, session, this.#options.clock.now());
    this.#options.publish(subjects.event(tenant, session.metadata.name, type), event);
  }

  #condition(session: Session, reason: "Ending" | "Ended", message: string): SessionStatus["conditions"] {
    const next = {
      type: "Ready",
      status: "False" as const,
      reason,
      message,
      observedGeneration: session.metadata.generation ?? 0,
    };
    return setCondition(session.status?.conditions ?? [], next, this.#options.clock);
  }
}
