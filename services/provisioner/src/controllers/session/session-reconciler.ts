import { sessionEvent, subjects, type Session, type SessionTemplate, type Workspace } from "@carrel/api";
import {
  findObject,
  isAlreadyExists,
  isNotFound,
  OwnWrites,
  patchStatus,
  SESSION_TEMPLATES,
  SESSIONS,
  WORKSPACES,
  type KubeClient,
  type ReadonlyStore,
} from "@carrel/kube";
import type { Clock } from "@carrel/std";
import type { SessionUrls } from "../../sessions/session-urls.ts";
import { planWorkspace } from "./plan-workspace.ts";
import { planSessionStatus } from "./session-status.ts";

export interface SessionReconcilerOptions {
  readonly client: KubeClient;
  readonly sessions: Pick<ReadonlyStore<Session>, "get">;
  readonly templates: Pick<ReadonlyStore<SessionTemplate>, "get">;
  readonly workspaces: Pick<ReadonlyStore<Workspace>, "get">;
  readonly urls: SessionUrls;
  readonly clock: Clock;
  /** Publishes an event; never throws, never waits. */
  readonly publish: (subject: string, body: object) => void;
}

/** Reasons of a Workspace that no waiting mends: the session fails at once, with the cause kept. */
const HOPELESS = new Set(["ObjectRefused", "NameTaken"]);

/** Gives a Session its Workspace and mirrors the Workspace's state into it. Ending is the reaper's. */
export class SessionReconciler {
  readonly #options: SessionReconcilerOptions;
  readonly #writes = new OwnWrites<Session>();

  constructor(options: SessionReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(name: string, signal: AbortSignal): Promise<void> {
    const cached = this.#options.sessions.get(name);
    if (cached === undefined) return this.#writes.forget(name);
    const session = this.#writes.newest(cached);
    if (session.metadata.deletionTimestamp !== undefined || session.spec.end !== undefined) return;
    const phase = session.status?.phase;
    if (phase === "Ending" || phase === "Ended") return;

    const workspace = this.#options.workspaces.get(session.spec.workspace);
    if (workspace === undefined) {
      // It had one and lost it: a second, empty desk would be a surprise, and could outlive the session.
      if (phase === "Ready") return await this.#failIfGone(session, signal);
      const [failure] = await Promise.all([
        this.#createWorkspace(session, signal),
        this.#writeStatus(session, undefined, signal),
      ]);
      if (failure !== undefined) await this.#fail(name, failure, signal);
      return;
    }
    const ready = workspace.status?.conditions?.find((condition) => condition.type === "Ready");
    if (workspace.spec.session?.uid !== session.metadata.uid) {
      await this.#fail(name, `workspace ${workspace.metadata.name} belongs to another session`, signal);
    } else if (phase === "Ready" && workspace.metadata.deletionTimestamp !== undefined) {
      await this.#fail(name, `workspace ${workspace.metadata.name} was deleted`, signal);
    } else if (ready !== undefined && HOPELESS.has(ready.reason)) {
      await this.#fail(name, `${ready.reason}: ${ready.message}`, signal);
    } else if (workspace.status !== undefined) {
      await this.#writeStatus(session, workspace, signal);
    }
  }

  /** @returns why it can never be created, or undefined. */
  async #createWorkspace(session: Session, signal: AbortSignal): Promise<string | undefined> {
    const { client, templates, urls } = this.#options;
    const { name } = session.spec.template;
    try {
      const template = templates.get(name) ?? (await client.get(SESSION_TEMPLATES, name, { signal }));
      await client.create(WORKSPACES, planWorkspace(session, template, urls), { signal });
    } catch (error) {
      if (isNotFound(error)) return `template ${name} no longer exists`;
      // Another replica or an earlier life made it: the informer brings it, and its owner is checked then.
      if (!isAlreadyExists(error)) throw error;
    }
    return undefined;
  }

  async #writeStatus(session: Session, workspace: Workspace | undefined, signal: AbortSignal): Promise<void> {
    const { client, clock, publish, urls } = this.#options;
    const status = planSessionStatus(session, workspace, urls, clock.now());
    if (status === undefined) return;
    const written = await patchStatus(client, SESSIONS, session, status, { signal });
    this.#writes.remember(written);
    if (status.phase === "Ready" && session.status?.phase !== "Ready") {
      const { tenant } = session.spec;
      publish(subjects.event(tenant, session.metadata.name, "ready"), sessionEvent("ready", written, clock.now()));
    }
  }

  async #failIfGone(session: Session, signal: AbortSignal): Promise<void> {
    const { workspace } = session.spec;
    if ((await findObject(this.#options.client, WORKSPACES, workspace, { signal })) !== undefined) return;
    await this.#fail(session.metadata.name, `workspace ${workspace} was deleted`, signal);
  }

  async #fail(name: string, message: string, signal: AbortSignal): Promise<void> {
    const cached = this.#options.sessions.get(name);
    if (cached === undefined) return;
    const session = this.#writes.newest(cached);
    const end = {
      reason: "Failed",
      at: new Date(this.#options.clock.now()).toISOString(),
      by: "provisioner",
      message: message.slice(0, 1024),
    };
    const patch = { metadata: { resourceVersion: session.metadata.resourceVersion }, spec: { end } };
    await this.#options.client.mergePatch(SESSIONS, name, patch, { signal });
  }
}
