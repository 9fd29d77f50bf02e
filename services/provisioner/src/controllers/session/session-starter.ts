import {
  newWorkspaceName,
  templateOf,
  type ObjectMeta,
  type Session,
  type SessionTemplate,
  type Workspace,
} from "@carrel/api";
import {
  findObject,
  isAlreadyExists,
  isConflict,
  isNotFound,
  isQuotaExceeded,
  patchStatus,
  SESSION_TEMPLATES,
  SESSIONS,
  WORKSPACES,
  type KubeClient,
  type OwnWrites,
  type ReadonlyStore,
} from "@carrel/kube";
import type { Clock } from "@carrel/std";
import { workspaceFact } from "../../placement/facts.ts";
import type { Placer } from "../../placement/placer.ts";
import type { Verdict } from "../../placement/placement.ts";
import { planClaim, planWorkspace, type VariableSources } from "./plan-workspace.ts";
import { planStart } from "./plan-start.ts";
import { planStartingStatus } from "./session-status.ts";

export interface SessionStarterOptions {
  readonly client: KubeClient;
  readonly templates: Pick<ReadonlyStore<SessionTemplate>, "get">;
  /** Workspaces as this process knows them. */
  readonly workspaces: { get(name: string): Workspace | undefined };
  readonly placer: Pick<Placer, "verdict" | "spareLost" | "startRefused">;
  /** Where sessions that were written are remembered. */
  readonly writes: OwnWrites<Session>;
  readonly sources: VariableSources;
  readonly clock: Clock;
}

/** What a start came to. */
export type Started =
  | { readonly session: Session; readonly workspace: Workspace }
  /** It waits (again). */
  | "waiting"
  /** Why it can never start. */
  | { readonly failure: string };

type Turn = Extract<Verdict, { kind: "start" }>;

/**
 * Gives a session whose turn has come its Workspace: a promised spare, or one of its own.
 *
 * Which spare is written into the Session before the spare is claimed, each write carrying the state it was decided on.
 * So a Workspace is only ever claimed for the one Session that names it, and whoever leads next finds the choice and
 * goes on with it: never two Workspaces for a session, never two sessions for a Workspace.
 */
export class SessionStarter {
  readonly #options: SessionStarterOptions;

  constructor(options: SessionStarterOptions) {
    this.#options = options;
  }

  async start(session: Session, turn: Turn, signal: AbortSignal): Promise<Started> {
    const { placer, workspaces } = this.#options;
    const { name } = session.metadata;
    let current = session;
    let verdict: Verdict | undefined = turn;
    // Ends when the shelf is empty: each lost spare is off it.
    while (verdict?.kind === "start" && verdict.spare !== undefined) {
      const spare = workspaces.get(verdict.spare);
      if (spare !== undefined && isClaimable(spare)) {
        if (current.spec.workspace !== spare.metadata.name)
          current = await this.#record(current, templateOf(spare.spec), spare.metadata.name, signal);
        const workspace = await this.#claim(current, spare, signal);
        if (workspace !== undefined) return { session: current, workspace };
      }
      verdict = placer.spareLost(name);
    }
    if (verdict?.kind !== "start") return "waiting";
    return await this.#startCold(current, signal);
  }

  /** The compare-and-swap that makes a spare the session's; undefined when it cannot be had any more. */
  async #claim(session: Session, spare: Workspace, signal: AbortSignal): Promise<Workspace | undefined> {
    const { client, clock, sources } = this.#options;
    let seen: Workspace | undefined = spare;
    // The second time round: its status was written in between, which makes it no less free.
    for (let attempt = 0; attempt < 2 && seen !== undefined && isClaimable(seen); attempt++) {
      const { name, resourceVersion }: ObjectMeta = seen.metadata;
      const { metadata, spec } = planClaim(session, seen, sources.urls, clock.now());
      const patch = { metadata: { ...metadata, resourceVersion }, spec };
      try {
        return await client.mergePatch(WORKSPACES, name, patch, { signal });
      } catch (error) {
        if (!isConflict(error) && !isNotFound(error)) throw error;
        seen = await findObject(client, WORKSPACES, name, { signal });
      }
    }
    return seen?.spec.session?.uid === session.metadata.uid ? seen : undefined;
  }

  async #startCold(session: Session, signal: AbortSignal): Promise<Started> {
    const { client, placer, templates, workspaces } = this.#options;
    const { name } = session.spec.template;
    const template = templates.get(name) ?? (await findObject(client, SESSION_TEMPLATES, name, { signal }));
    if (template === undefined) return { failure: `template ${name} no longer exists` };
    let current = session;
    const waited = session.status?.phase === "Queued";
    // It names a spare that it could not have.
    const taken = workspaces.get(session.spec.workspace) !== undefined;
    if (waited || taken)
      current = await this.#record(current, template.spec, taken ? newWorkspaceName() : session.spec.workspace, signal);
    try {
      const [workspace, written] = await Promise.all([
        this.#create(current, template, signal),
        waited ? this.#writeStarting(current, signal) : current,
      ]);
      if (workspace !== undefined) return { session: written, workspace };
    } catch (error) {
      if (!isQuotaExceeded(error)) throw error;
      placer.startRefused(session.metadata.name);
      return "waiting";
    }
    // The name is somebody else's: the next look takes another.
    await this.#record(current, template.spec, newWorkspaceName(), signal);
    return "waiting";
  }

  /** The session's Workspace; undefined when its name is taken. */
  async #create(session: Session, template: SessionTemplate, signal: AbortSignal): Promise<Workspace | undefined> {
    const { client, clock, sources } = this.#options;
    try {
      return await client.create(WORKSPACES, planWorkspace(session, template, sources, clock.now()), { signal });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const existing = await client.get(WORKSPACES, session.spec.workspace, { signal });
      return existing.spec.session?.uid === session.metadata.uid ? existing : undefined;
    }
  }

  /** Its Workspace's name, and its times counted from now. */
  async #record(
    session: Session,
    template: { readonly lifetime: { readonly startDeadline: string } },
    workspace: string,
    signal: AbortSignal,
  ): Promise<Session> {
    const { client, clock, writes } = this.#options;
    const { name, resourceVersion } = session.metadata;
    const spec = { workspace, ...planStart(session, template.lifetime, clock.now()) };
    const written = await client.mergePatch(SESSIONS, name, { metadata: { resourceVersion }, spec }, { signal });
    writes.remember(written);
    return written;
  }

  async #writeStarting(session: Session, signal: AbortSignal): Promise<Session> {
    const { client, clock, writes } = this.#options;
    const status = planStartingStatus(session, clock.now());
    const written = await patchStatus(client, SESSIONS, session, status, { signal });
    writes.remember(written);
    return written;
  }
}

function isClaimable(workspace: Workspace): boolean {
  return workspace.spec.session === undefined && workspaceFact(workspace).state === "ready";
}
