import type { TenantSpec } from "@carrel/api";
import { LivingCounts } from "./living-counts.ts";
import { SpareShelf } from "./spare-shelf.ts";
import { StartWindow, type StartState } from "./start-window.ts";
import { WeightedFairQueue, type QueueEntry } from "./weighted-fair-queue.ts";

/** What the cluster may hold. */
export interface PlacementLimits {
  /** Living sessions and spares at once. */
  readonly maxSessions: number;
  /** Desks that start at once. */
  readonly maxStarting: number;
}

/** A living session as placement sees it. */
export interface Seat {
  readonly name: string;
  readonly uid: string;
  readonly tenant: string;
  readonly user: string;
  /** Template and generation: only a spare of the same may serve it. */
  readonly lane: string;
}

/** A Workspace as placement sees it. */
export interface WorkspaceFact {
  readonly name: string;
  readonly lane: string;
  /** Names the pool of a spare. */
  readonly template: string;
  /** The session that holds it. */
  readonly holder?: { readonly name: string; readonly uid: string };
  /** As of {@link StartState}; `dying`: it is on its way out, or past its use. */
  readonly state: StartState | "ready" | "dying";
}

/** What becomes of a session. */
export type Verdict =
  /** Its turn has come: take the spare, or make it a Workspace. */
  | { readonly kind: "start"; readonly spare?: string }
  | { readonly kind: "wait" }
  | { readonly kind: "refuse"; readonly reason: "CapExceeded" | "QueueFull"; readonly message: string };

interface Entry extends Seat, QueueEntry {
  state: "stranger" | "waiting" | "granted" | "placed" | "refused";
  spare?: string;
  refusal?: Verdict & { kind: "refuse" };
}

/** How long nothing starts after the API server refused a Workspace for want of room. */
const REFUSED_HOLD_MS = 10_000;

/**
 * Who gets a place, and which. The one writer of that decision is the leader, so counts are exact: every session that
 * was let in counts from the moment of the decision, whatever the caches show. Built anew from the caches when a leader
 * begins: sessions that hold a Workspace count as let in, all others take their turns. No I/O, no clock.
 */
export class Placement {
  readonly #limits: PlacementLimits;
  readonly #tenantOf: (name: string) => TenantSpec | undefined;
  readonly #entries = new Map<string, Entry>();
  readonly #counts = new LivingCounts();
  readonly #queue: WeightedFairQueue<Entry>;
  readonly #window: StartWindow;
  readonly #shelf = new SpareShelf();
  /** Spares that nobody holds or was promised, ready or not. */
  readonly #spares = new Map<string, WorkspaceFact>();
  /** Spares that a session was promised and does not hold yet. */
  readonly #promised = new Map<string, WorkspaceFact>();
  /** Spares that must go, until they are seen to. */
  readonly #retired = new Map<string, string>();
  /** Sessions that have a place. */
  readonly #occupied = new Set<string>();
  #holdUntilMs = 0;

  constructor(limits: PlacementLimits, tenantOf: (name: string) => TenantSpec | undefined) {
    this.#limits = limits;
    this.#tenantOf = tenantOf;
    this.#window = new StartWindow(limits.maxStarting);
    this.#queue = new WeightedFairQueue((tenant) => tenantOf(tenant)?.weight ?? 1);
  }

  /** Numbers for metrics and messages. */
  get numbers(): { waiting: number; places: number; starting: number; stuck: number; spares: number } {
    return {
      waiting: this.#queue.size,
      places: this.#occupied.size + this.#spares.size,
      starting: this.#window.starting,
      stuck: this.#window.stuck,
      spares: this.#shelf.size,
    };
  }

  /** Everybody who waits, in the order of their turns. */
  order(): readonly QueueEntry[] {
    return this.#queue.order();
  }

  /** A living session exists; `placed`: it holds a Workspace. `intended`: the spare that an earlier leader chose. */
  observeSession(seat: Seat, placed: boolean, intended?: string): void {
    const known = this.#entries.get(seat.name);
    if (known !== undefined && known.uid !== seat.uid) this.leave(seat.name);
    const entry = this.#entries.get(seat.name) ?? this.#enter(seat, placed);
    if (placed) this.#place(entry);
    else if (intended !== undefined && entry.state === "waiting" && this.#spares.has(intended)) {
      this.#queue.remove(entry.name);
      this.#grant(entry, intended);
    }
  }

  /** The session has ended, or is ending. */
  leave(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    this.#entries.delete(name);
    this.#queue.remove(name);
    this.#occupied.delete(name);
    this.#window.gone(sessionStart(name));
    if (isCounted(entry)) this.#counts.remove(entry);
    const spare = entry.spare === undefined ? undefined : this.#promised.get(entry.spare);
    if (spare !== undefined) {
      this.#promised.delete(spare.name);
      this.observeWorkspace(spare);
    }
  }

  /** A Workspace exists. */
  observeWorkspace(fact: WorkspaceFact): void {
    const { name, lane, holder, state } = fact;
    const retired = this.#retired.has(name);
    if (holder !== undefined || state === "dying" || retired) {
      this.#dropSpare(name);
      if (state === "dying") this.#retired.delete(name);
      const entry = holder === undefined ? undefined : this.#entries.get(holder.name);
      if (entry === undefined || entry.uid !== holder?.uid) return;
      this.#place(entry);
      this.#follow(sessionStart(entry.name), lane, state);
      return;
    }
    this.#follow(spareStart(name), lane, state);
    if (this.#promised.has(name)) return;
    this.#spares.set(name, fact);
    if (state === "ready") this.#shelf.put(name, lane);
    else this.#shelf.drop(name);
  }

  /** A Workspace is gone. */
  workspaceGone({ name, holder }: Pick<WorkspaceFact, "name" | "holder">): void {
    this.#dropSpare(name);
    this.#retired.delete(name);
    const entry = holder === undefined ? undefined : this.#entries.get(holder.name);
    if (entry?.uid === holder?.uid && entry !== undefined) this.#window.gone(sessionStart(entry.name));
  }

  /** A Tenant has come or changed: sessions of tenants that were unknown are looked at again. Returns their names. */
  tenantsChanged(): readonly string[] {
    const strangers = [...this.#entries.values()].filter(({ state }) => state === "stranger");
    for (const entry of strangers) {
      this.#entries.delete(entry.name);
      this.#enter(entry, false);
    }
    return strangers.map(({ name }) => name);
  }

  /**
   * Gives places as long as there are some. Returns the sessions about which something was decided, and the spares that
   * must make room.
   */
  pump(nowMs: number): { readonly decided: readonly string[]; readonly retire: readonly string[] } {
    const decided: string[] = [];
    const retire: string[] = [];
    const isOpen = (lane: string): boolean => this.#shelf.has(lane) || this.#mayStartCold(lane, nowMs);
    while (this.#queue.size > 0) {
      const entry = this.#queue.take(isOpen);
      if (entry === undefined) {
        const freed = this.#freeStuckSpares(retire);
        if (!freed) break;
        continue;
      }
      const spare = this.#shelf.take(entry.lane);
      if (spare === undefined && !this.#hasRoom()) this.#sacrifice(entry.lane, retire);
      this.#grant(entry, spare);
      decided.push(entry.name);
    }
    this.#refuseTooMany(decided);
    return { decided, retire };
  }

  /** What becomes of a session; undefined when placement has not heard of it. */
  verdict(name: string): Verdict | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    if (entry.refusal !== undefined) return entry.refusal;
    if (entry.state === "waiting" || entry.state === "stranger") return { kind: "wait" };
    return { kind: "start", ...(entry.spare === undefined ? {} : { spare: entry.spare }) };
  }

  /** The promised spare was gone or taken: another one, a Workspace of its own, or the head of its tenant's line. */
  spareLost(name: string, nowMs: number): Verdict | undefined {
    const entry = this.#entries.get(name);
    if (entry?.state !== "granted" || entry.spare === undefined) return this.verdict(name);
    this.#promised.delete(entry.spare);
    delete entry.spare;
    const spare = this.#shelf.take(entry.lane);
    // It keeps its place among the sessions: only whether a desk may start now is asked.
    const mayStart = nowMs >= this.#holdUntilMs && this.#window.isOpen(entry.lane);
    if (spare !== undefined || mayStart) this.#grant(entry, spare);
    else this.#wait(entry);
    return this.verdict(name);
  }

  /** The API server had no room for the session's Workspace: it waits again, and nothing starts for a while. */
  startRefused(name: string, nowMs: number): void {
    const entry = this.#entries.get(name);
    this.#holdUntilMs = nowMs + REFUSED_HOLD_MS;
    if (entry?.state === "granted") this.#wait(entry);
  }

  /** True when a spare may be made now: nobody who waits could use its place, and it leaves room to those who come. */
  maySpareStart(lane: string, nowMs: number): boolean {
    const startingSpares = this.#spares.size - this.#shelf.size;
    const share = Math.max(1, Math.floor(this.#limits.maxStarting / 2));
    return startingSpares < share && this.#hasRoom() && nowMs >= this.#holdUntilMs && this.#window.isOpen(lane);
  }

  /** A spare is being made: it counts from now on. */
  spareStarts(fact: Pick<WorkspaceFact, "name" | "lane" | "template">): void {
    this.observeWorkspace({ ...fact, state: "starting" });
  }

  /** Takes a spare out of use; false when it is promised or taken. Its Workspace is then to be terminated. */
  retire(name: string): boolean {
    if (this.#retired.has(name)) return true;
    const spare = this.#spares.get(name);
    if (spare === undefined) return false;
    this.#dropSpare(name);
    this.#retired.set(name, spare.template);
    return true;
  }

  /** Spares of a template's pool that are out of use. */
  retiredOf(template: string): readonly string[] {
    return [...this.#retired].filter(([, owner]) => owner === template).map(([name]) => name);
  }

  /** Spares of a template's pool that exist or are being made, and nobody holds or was promised. */
  sparesOf(template: string): readonly WorkspaceFact[] {
    return [...this.#spares.values()].filter((spare) => spare.template === template);
  }

  #enter(seat: Seat, placed: boolean): Entry {
    const { name, uid, tenant, user, lane } = seat;
    const entry: Entry = { name, uid, tenant, user, lane, flow: tenant, state: "stranger" };
    this.#entries.set(entry.name, entry);
    const limits = this.#tenantOf(seat.tenant);
    if (placed || limits === undefined) return entry;
    const problem = this.#counts.problem(entry, limits);
    if (problem !== undefined) {
      entry.state = "refused";
      entry.refusal = { kind: "refuse", reason: "CapExceeded", message: problem };
      return entry;
    }
    this.#counts.add(entry);
    entry.state = "waiting";
    this.#queue.push(entry);
    return entry;
  }

  #place(entry: Entry): void {
    if (entry.state === "placed") return;
    if (!isCounted(entry)) this.#counts.add(entry);
    this.#queue.remove(entry.name);
    this.#occupied.add(entry.name);
    if (entry.spare !== undefined) this.#promised.delete(entry.spare);
    delete entry.spare;
    delete entry.refusal;
    entry.state = "placed";
  }

  #grant(entry: Entry, spare: string | undefined): void {
    entry.state = "granted";
    this.#occupied.add(entry.name);
    if (spare === undefined) return this.#window.update(sessionStart(entry.name), entry.lane, "starting");
    const fact = this.#spares.get(spare);
    this.#shelf.drop(spare);
    this.#spares.delete(spare);
    if (fact !== undefined) this.#promised.set(spare, fact);
    entry.spare = spare;
  }

  #wait(entry: Entry): void {
    entry.state = "waiting";
    this.#occupied.delete(entry.name);
    this.#window.gone(sessionStart(entry.name));
    this.#queue.giveBack(entry);
  }

  #hasRoom(): boolean {
    return this.#occupied.size + this.#spares.size < this.#limits.maxSessions;
  }

  #mayStartCold(lane: string, nowMs: number): boolean {
    if (nowMs < this.#holdUntilMs || !this.#window.isOpen(lane)) return false;
    return this.#hasRoom() || this.#dispensable(lane) !== undefined;
  }

  /** A spare of another template: better that than that somebody waits. */
  #dispensable(lane: string): string | undefined {
    const ready = this.#shelf.mostDispensable(lane);
    if (ready !== undefined) return ready;
    for (const spare of this.#spares.values()) if (spare.lane !== lane) return spare.name;
    return undefined;
  }

  #sacrifice(lane: string, retire: string[]): void {
    const name = this.#dispensable(lane);
    if (name !== undefined && this.retire(name)) retire.push(name);
  }

  /** Spares that no node takes must not hold up sessions of their own template. */
  #freeStuckSpares(retire: string[]): boolean {
    let freed = false;
    for (const lane of this.#queue.lanes()) {
      for (const id of this.#window.stuckIn(lane)) {
        const name = id.startsWith(SPARE_PREFIX) ? id.slice(SPARE_PREFIX.length) : undefined;
        if (name === undefined || !this.#spares.has(name) || !this.retire(name)) continue;
        retire.push(name);
        freed = true;
      }
    }
    return freed;
  }

  /** Those who came last of tenants of whom more wait than may. */
  #refuseTooMany(decided: string[]): void {
    for (const tenant of this.#queue.flows()) {
      const most = this.#tenantOf(tenant)?.maxQueued ?? Number.POSITIVE_INFINITY;
      while (this.#queue.sizeOf(tenant) > most) {
        const entry = this.#queue.newestOf(tenant);
        if (entry === undefined) break;
        this.#queue.remove(entry.name);
        this.#counts.remove(entry);
        entry.state = "refused";
        const message = `${most} sessions of tenant ${tenant} wait for a place already`;
        entry.refusal = { kind: "refuse", reason: "QueueFull", message };
        decided.push(entry.name);
      }
    }
  }

  #follow(start: string, lane: string, state: WorkspaceFact["state"]): void {
    if (state === "ready") this.#window.ready(start);
    else if (state === "dying") this.#window.gone(start);
    else this.#window.update(start, lane, state);
  }

  #dropSpare(name: string): void {
    this.#spares.delete(name);
    this.#promised.delete(name);
    this.#shelf.drop(name);
    this.#window.gone(spareStart(name));
  }
}

const SPARE_PREFIX = "spare/";
const spareStart = (name: string): string => `${SPARE_PREFIX}${name}`;
const sessionStart = (name: string): string => `session/${name}`;

/** Whether it counts against the caps of its tenant and user. */
function isCounted({ state }: Entry): boolean {
  return state === "waiting" || state === "granted" || state === "placed";
}
