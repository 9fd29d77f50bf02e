import { newWorkspaceName, type SessionTemplate, type Workspace } from "@carrel/api";
import {
  isConflict,
  isForbidden,
  isInvalid,
  isNotFound,
  OwnWrites,
  patchStatus,
  SESSION_TEMPLATES,
  WORKSPACES,
  type KubeClient,
  type ReadonlyStore,
  type ReconcileResult,
} from "@carrel/kube";
import { parseDurationMs, type Clock } from "@carrel/std";
import type { ClusterVariables } from "@carrel/template";
import { laneOfTemplate } from "../../placement/facts.ts";
import { Pace } from "../../placement/pace.ts";
import type { Placer } from "../../placement/placer.ts";
import { planSpare } from "../session/plan-workspace.ts";
import { planPool, viewSpare, type SpareView } from "./plan-pool.ts";
import { PoolHealth } from "./pool-health.ts";
import { planPoolStatus } from "./pool-status.ts";
import { wantedSpares } from "./wanted-spares.ts";

export interface PoolReconcilerOptions {
  readonly client: KubeClient;
  readonly templates: Pick<ReadonlyStore<SessionTemplate>, "get">;
  readonly workspaces: Pick<ReadonlyStore<Workspace>, "get">;
  readonly placer: Pick<Placer, "maySpareStart" | "spareStarts" | "spareGone" | "retire" | "retiredOf" | "sparesOf">;
  readonly cluster: ClusterVariables;
  readonly clock: Clock;
}

const REFILL_PER_SECOND = 10;
const REFILL_BURST = 10;
/** How soon to try again what there was no room or pace for. */
const HELD_BACK_MS = 1_000;
/** Between two writes of a template's counts. */
const STATUS_EVERY_MS = 2_000;
/** Schedules change by the minute. */
const MINUTE_MS = 60_000;

interface Remembered {
  readonly health: PoolHealth;
  /** Spares whose end was asked for and the cache does not show it yet. */
  asked: ReadonlySet<string>;
  writtenAtMs: number;
}

/** Keeps the spares of a template as its pool asks: makes, renews and retires them. Tearing down is the reaper's. */
export class PoolReconciler {
  readonly #options: PoolReconcilerOptions;
  readonly #pace = new Pace(REFILL_PER_SECOND, REFILL_BURST);
  readonly #pools = new Map<string, Remembered>();
  readonly #writes = new OwnWrites<SessionTemplate>();

  constructor(options: PoolReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(name: string, signal: AbortSignal): Promise<ReconcileResult | void> {
    const { clock, placer, templates } = this.#options;
    const cached = templates.get(name);
    if (cached === undefined || cached.metadata.deletionTimestamp !== undefined) {
      this.#pools.delete(name);
      this.#writes.forget(name);
      // What owns them is gone: the garbage collector has told the reaper.
      return;
    }
    const template = this.#writes.newest(cached);
    const { pool } = template.spec;
    const nowMs = clock.now();
    const spares = placer.sparesOf(name).map((fact) => viewSpare(fact, this.#options.workspaces.get(fact.name), nowMs));
    if (pool === undefined && template.status?.pool === undefined && !this.#pools.has(name) && spares.length === 0)
      return;
    const remembered = this.#pools.get(name) ?? { health: new PoolHealth(), asked: new Set(), writtenAtMs: 0 };
    this.#pools.set(name, remembered);
    const lane = laneOfTemplate(template);
    this.#judge(remembered.health, lane, spares);
    const wanted = pool === undefined ? 0 : wantedSpares(pool, nowMs);
    const maxAgeMs = pool === undefined ? 0 : parseDurationMs(pool.maxAge);
    const trial = remembered.health.pause;
    const plan = planPool({ lane, wanted, maxAgeMs, spares, nowMs, ...(trial === undefined ? {} : { trial }) });
    for (const spare of [...plan.failed.map(({ name: failed }) => failed), ...plan.retire]) placer.retire(spare);

    const looks: number[] = plan.lookAfterMs === undefined ? [] : [plan.lookAfterMs];
    if (pool !== undefined && pool.schedule.length > 0) looks.push(MINUTE_MS - (nowMs % MINUTE_MS));
    // Starts that never end are looked at when their time is over.
    if (spares.some(({ ready }) => !ready)) looks.push(10_000);
    if (!(await this.#terminateAll(name, remembered, signal))) looks.push(HELD_BACK_MS);
    const made = await this.#make(template, plan.create, remembered.health, signal);
    if (made < plan.create) looks.push(HELD_BACK_MS);
    looks.push(...(await this.#writeStatus(template, wanted, remembered, signal)));
    return looks.length === 0 ? undefined : { requeueAfterMs: Math.min(...looks) };
  }

  #judge(health: PoolHealth, lane: string, spares: readonly SpareView[]): void {
    const { clock, workspaces } = this.#options;
    health.follow(lane);
    for (const spare of spares) {
      if (spare.failure !== undefined) health.failed(spare.lane, spare.failure, clock.now());
      const readyAt = spare.ready ? workspaces.get(spare.name)?.status?.readyAt : undefined;
      if (readyAt !== undefined) health.succeeded(spare.lane, Date.parse(readyAt));
    }
  }

  /** @returns how many were made: as many as there is room and pace for. */
  async #make(template: SessionTemplate, count: number, health: PoolHealth, signal: AbortSignal): Promise<number> {
    const { clock, placer } = this.#options;
    const lane = laneOfTemplate(template);
    const creating: Promise<void>[] = [];
    while (creating.length < count && placer.maySpareStart(lane) && this.#pace.take(clock.now())) {
      const name = newWorkspaceName();
      // Counted before it exists: caches that lag make no second one.
      placer.spareStarts({ name, lane, template: template.metadata.name });
      creating.push(this.#create(name, template, health, signal));
    }
    await Promise.all(creating);
    return creating.length;
  }

  async #create(name: string, template: SessionTemplate, health: PoolHealth, signal: AbortSignal): Promise<void> {
    const { client, clock, cluster, placer } = this.#options;
    try {
      await client.create(WORKSPACES, planSpare(name, template, cluster), { signal });
    } catch (error) {
      placer.spareGone(name);
      if (!isForbidden(error) && !isInvalid(error)) throw error;
      health.failed(laneOfTemplate(template), error.message, clock.now());
    }
  }

  /** Asks for the end of the spares that are out of use; false when one could not be asked for yet. */
  async #terminateAll(template: string, remembered: Remembered, signal: AbortSignal): Promise<boolean> {
    const { placer } = this.#options;
    const retired = placer.retiredOf(template);
    const answers = await Promise.all(
      retired.map(async (name) => remembered.asked.has(name) || (await this.#terminate(name, signal))),
    );
    remembered.asked = new Set(retired.filter((_, index) => answers[index] === true));
    return answers.every(Boolean);
  }

  async #terminate(name: string, signal: AbortSignal): Promise<boolean> {
    const { client, clock, placer, workspaces } = this.#options;
    const workspace = workspaces.get(name);
    if (workspace === undefined) return false;
    const terminate = { reason: "SpareRetired" as const, at: new Date(clock.now()).toISOString() };
    const { resourceVersion } = workspace.metadata;
    try {
      await client.mergePatch(WORKSPACES, name, { metadata: { resourceVersion }, spec: { terminate } }, { signal });
    } catch (error) {
      if (isNotFound(error)) placer.spareGone(name);
      else if (isConflict(error)) return false;
      else throw error;
    }
    return true;
  }

  /** @returns when to look again for what was not written yet. */
  async #writeStatus(
    template: SessionTemplate,
    wanted: number,
    remembered: Remembered,
    signal: AbortSignal,
  ): Promise<number[]> {
    const { client, clock, placer } = this.#options;
    const spares = placer.sparesOf(template.metadata.name);
    const ready = spares.filter(({ state }) => state === "ready").length;
    const state = { wanted, ready, starting: spares.length - ready, pause: remembered.health.pause };
    const nowMs = clock.now();
    const status = planPoolStatus(template, state, nowMs);
    if (status === undefined) return [];
    const waitMs = remembered.writtenAtMs + STATUS_EVERY_MS - nowMs;
    if (waitMs > 0) return [waitMs];
    remembered.writtenAtMs = nowMs;
    this.#writes.remember(await patchStatus(client, SESSION_TEMPLATES, template, status, { signal }));
    return [];
  }
}
