import type { EndReason, Session, SessionStatus, Workspace } from "@carrel/api";
import {
  findCondition,
  findObject,
  OwnWrites,
  patchStatus,
  SESSIONS,
  WORKSPACES,
  type KubeClient,
  type ReadonlyStore,
  type ReconcileResult,
} from "@carrel/kube";
import type { Clock } from "@carrel/std";
import type { EndpointUrls } from "@carrel/template";
import { isLiving } from "../../placement/facts.ts";
import type { Placer } from "../../placement/placer.ts";
import { publishSessionEvent } from "../../sessions/publish-session-event.ts";
import { isHopeless } from "../is-hopeless.ts";
import { HeldWorkspaces } from "./held-workspaces.ts";
import { SessionStarter, type SessionStarterOptions } from "./session-starter.ts";
import { planQueuedStatus, planSessionStatus } from "./session-status.ts";

export interface SessionReconcilerOptions extends Omit<SessionStarterOptions, "writes" | "placer"> {
  readonly client: KubeClient;
  readonly sessions: Pick<ReadonlyStore<Session>, "get">;
  readonly placer: Pick<Placer, "verdict" | "notice" | "spareLost" | "startRefused">;
  readonly clock: Clock;
  /** Publishes an event; never throws, never waits. */
  readonly publish: (subject: string, body: object) => void;
}

/** How soon to look again at a session that placement has not heard of. */
const UNHEARD_MS = 100;

/**
 * Gives a Session what placement decided for it, and mirrors its Workspace's state into it. Ending is the reaper's.
 */
export class SessionReconciler {
  readonly #options: SessionReconcilerOptions;
  readonly #urls: EndpointUrls;
  readonly #writes = new OwnWrites<Session>();
  readonly #held: HeldWorkspaces;
  readonly #starter: SessionStarter;

  constructor(options: SessionReconcilerOptions) {
    this.#options = options;
    this.#urls = options.sources.urls;
    this.#held = new HeldWorkspaces(options.workspaces);
    this.#starter = new SessionStarter({ ...options, writes: this.#writes });
  }

  async reconcile(name: string, signal: AbortSignal): Promise<ReconcileResult | void> {
    const cached = this.#options.sessions.get(name);
    const session = cached === undefined ? undefined : this.#writes.newest(cached);
    if (session === undefined) this.#writes.forget(name);
    if (session === undefined || !isLiving(session)) return this.#held.forget(name);

    const workspace = this.#held.of(session);
    if (workspace !== undefined) return await this.#mirror(session, workspace, signal);
    // It had one and lost it: a second, empty desk would be a surprise, and could outlive the session.
    if (session.status?.phase === "Ready") return await this.#failIfGone(session, signal);

    const verdict = this.#options.placer.verdict(name);
    if (verdict === undefined) return { requeueAfterMs: UNHEARD_MS };
    if (verdict.kind === "refuse") return await this.#end(session, verdict.reason, verdict.message, signal);
    if (verdict.kind === "wait") return await this.#tellPlace(session, signal);
    const started = await this.#starter.start(session, verdict, signal);
    if (started === "waiting") return { requeueAfterMs: 0 };
    if ("failure" in started) return await this.#end(session, "Failed", started.failure, signal);
    this.#held.remember(started.session, started.workspace);
    return await this.#mirror(started.session, started.workspace, signal);
  }

  /** A Workspace was deleted. */
  forgetWorkspace({ spec }: Workspace): void {
    if (spec.session !== undefined) this.#held.forget(spec.session.name);
  }

  async #mirror(session: Session, workspace: Workspace, signal: AbortSignal): Promise<void> {
    const { name, deletionTimestamp } = workspace.metadata;
    const ready = findCondition(workspace.status?.conditions, "Ready");
    if (session.status?.phase === "Ready" && deletionTimestamp !== undefined)
      return await this.#end(session, "Failed", `workspace ${name} was deleted`, signal);
    if (ready !== undefined && isHopeless(ready.reason))
      return await this.#end(session, "Failed", `${ready.reason}: ${ready.message}`, signal);
    const status = planSessionStatus(session, workspace, this.#urls, this.#options.clock.now());
    if (status === undefined) return;
    const written = await this.#writeStatus(session, status, signal);
    if (status.phase === "Ready" && session.status?.phase !== "Ready")
      publishSessionEvent(this.#options, "ready", written);
  }

  async #tellPlace(session: Session, signal: AbortSignal): Promise<void> {
    const notice = this.#options.placer.notice(session.metadata.name);
    // One that was let in already, and met an API server without room, is never sent back to the line.
    if (notice === undefined || session.status?.phase === "Provisioning") return;
    const status = planQueuedStatus(session, notice, this.#options.clock.now());
    if (status === undefined) return;
    publishSessionEvent(this.#options, "queued", await this.#writeStatus(session, status, signal));
  }

  async #writeStatus(session: Session, status: SessionStatus, signal: AbortSignal): Promise<Session> {
    const written = await patchStatus(this.#options.client, SESSIONS, session, status, { signal });
    this.#writes.remember(written);
    return written;
  }

  async #failIfGone(session: Session, signal: AbortSignal): Promise<void> {
    const { workspace } = session.spec;
    if ((await findObject(this.#options.client, WORKSPACES, workspace, { signal })) !== undefined) return;
    await this.#end(session, "Failed", `workspace ${workspace} was deleted`, signal);
  }

  async #end(session: Session, reason: EndReason, message: string, signal: AbortSignal): Promise<void> {
    const { client, clock } = this.#options;
    const { name, resourceVersion } = session.metadata;
    const at = new Date(clock.now()).toISOString();
    const end = { reason, at, by: "provisioner", message: message.slice(0, 1024) };
    this.#writes.remember(
      await client.mergePatch(SESSIONS, name, { metadata: { resourceVersion }, spec: { end } }, { signal }),
    );
  }
}
