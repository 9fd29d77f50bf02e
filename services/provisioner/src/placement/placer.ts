import type { ObservableCallback } from "@opentelemetry/api";
import type { Session, Tenant, Workspace } from "@carrel/api";
import type { Informer, Runnable } from "@carrel/kube";
import type { Clock } from "@carrel/std";
import { isLiving, seatOf, workspaceFact } from "./facts.ts";
import { createPlacementMetrics, type PlacementMetrics } from "./placement-metrics.ts";
import { Placement, type PlacementLimits, type Verdict, type WorkspaceFact } from "./placement.ts";
import { QueueNotices, type QueueNotice } from "./queue-notices.ts";
import { StartRate } from "./start-rate.ts";

export interface PlacerOptions {
  readonly sessions: Informer<Session>;
  readonly workspaces: Informer<Workspace>;
  readonly tenants: Informer<Tenant>;
  readonly limits: PlacementLimits;
  readonly clock: Clock;
  /** Something was decided about the session, or it is to be told something new. */
  readonly onSession: (name: string) => void;
  /** The template's pool has something to do. */
  readonly onPool: (template: string) => void;
  readonly metrics?: PlacementMetrics;
}

/** Between two looks at those who wait. */
const LOOK_MS = 1_000;
/** Those who came within this time are looked at together: most get a place before anybody is told to wait. */
const GATHER_MS = 50;

/**
 * {@link Placement} fed by the caches, on the leader alone. It lives from the election to the end of the process;
 * nothing of it is stored: the next leader finds in the objects what it must know.
 */
export class Placer implements Runnable {
  readonly name = "placement";
  readonly #options: PlacerOptions;
  readonly #metrics: PlacementMetrics;
  readonly #placement: Placement;
  readonly #rate = new StartRate();
  readonly #notices = new QueueNotices(this.#rate);
  #running = false;
  #wake: () => void = () => undefined;

  constructor(options: PlacerOptions) {
    this.#options = options;
    this.#metrics = options.metrics ?? createPlacementMetrics();
    this.#placement = new Placement(options.limits, (name) => options.tenants.store.get(name)?.spec);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { sessions, tenants, workspaces } = this.#options;
    this.#rebuild();
    using handlers = new DisposableStack();
    handlers.use(
      workspaces.addHandler({
        onAdd: (workspace) => this.#workspaceSeen(workspace),
        onUpdate: (_, workspace) => this.#workspaceSeen(workspace),
        onDelete: (workspace) => {
          this.#placement.workspaceGone(workspaceFact(workspace));
          this.#settle();
        },
      }),
    );
    handlers.use(
      sessions.addHandler({
        onAdd: (session) => this.#sessionSeen(session),
        onUpdate: (_, session) => this.#sessionSeen(session),
        onDelete: ({ metadata }) => this.#leave(metadata.name),
      }),
    );
    const onTenant = (): void => {
      for (const name of this.#placement.tenantsChanged()) this.#options.onSession(name);
      this.#settle();
    };
    handlers.use(tenants.addHandler({ onAdd: onTenant, onUpdate: onTenant }));
    handlers.use(this.#report());
    this.#running = true;
    this.#settle();
    while (!signal.aborted) {
      this.#look();
      await this.#rest(signal);
    }
  }

  /** What becomes of a session; `undefined` while the leader has not heard of it. */
  verdict(name: string): Verdict | undefined {
    return this.#running ? this.#placement.verdict(name) : undefined;
  }

  /** What one who waits is to be told; `undefined` before the first look. */
  notice(name: string): QueueNotice | undefined {
    return this.#notices.of(name);
  }

  /** The spare that the session was promised is gone or taken: what now? */
  spareLost(name: string): Verdict | undefined {
    this.#metrics.lostSpares.add(1);
    const verdict = this.#placement.spareLost(name, this.#options.clock.now());
    this.#settle();
    return verdict;
  }

  /** The API server has no room for the session's Workspace. */
  startRefused(name: string): void {
    this.#placement.startRefused(name, this.#options.clock.now());
    this.#settle();
  }

  /** True when a spare may be made now. */
  maySpareStart(lane: string): boolean {
    return this.#running && this.#placement.maySpareStart(lane, this.#options.clock.now());
  }

  /** A spare is being made. */
  spareStarts(fact: Pick<WorkspaceFact, "name" | "lane" | "template">): void {
    this.#placement.spareStarts(fact);
  }

  /** A spare could not be made, or does not exist any more. */
  spareGone(name: string): void {
    this.#placement.workspaceGone({ name });
    this.#settle();
  }

  /** Takes a spare out of use; false when somebody has it. */
  retire(name: string): boolean {
    const retired = this.#placement.retire(name);
    this.#settle();
    return retired;
  }

  /** Spares of a template that are to be terminated. */
  retiredOf(template: string): readonly string[] {
    return this.#placement.retiredOf(template);
  }

  /** Spares of a template that exist or are being made, and nobody has. */
  sparesOf(template: string): readonly WorkspaceFact[] {
    return this.#placement.sparesOf(template);
  }

  #rebuild(): void {
    const { sessions, workspaces } = this.#options;
    for (const workspace of workspaces.store.list()) this.#observeWorkspace(workspace);
    const living = sessions.store.list().filter(isLiving);
    for (const session of living.filter((one) => this.#isPlaced(one))) this.#observeSession(session);
    const others = living.filter((one) => !this.#isPlaced(one)).sort(byCreation);
    for (const session of others) this.#observeSession(session);
  }

  #workspaceSeen(workspace: Workspace): void {
    this.#observeWorkspace(workspace);
    this.#settle();
  }

  #observeWorkspace(workspace: Workspace): void {
    this.#placement.observeWorkspace(workspaceFact(workspace));
  }

  #sessionSeen(session: Session): void {
    if (!isLiving(session)) return this.#leave(session.metadata.name);
    this.#observeSession(session);
    this.#settle();
  }

  #observeSession(session: Session): void {
    this.#placement.observeSession(seatOf(session), this.#isPlaced(session), session.spec.workspace);
  }

  #leave(name: string): void {
    this.#placement.leave(name);
    this.#notices.forget(name);
    this.#settle();
  }

  /** By its phase, or by a Workspace that says so. */
  #isPlaced({ metadata, spec, status }: Session): boolean {
    if (status?.phase === "Provisioning" || status?.phase === "Ready") return true;
    return this.#options.workspaces.store.get(spec.workspace)?.spec.session?.uid === metadata.uid;
  }

  #settle(): void {
    if (!this.#running) return;
    const { clock, onPool, onSession, workspaces } = this.#options;
    const nowMs = clock.now();
    const { decided, retire } = this.#placement.pump(nowMs);
    for (const name of decided) {
      const verdict = this.#placement.verdict(name);
      if (verdict?.kind === "start" && this.#notices.of(name) !== undefined) this.#rate.started(nowMs);
      if (verdict?.kind === "start")
        this.#metrics.decisions.add(1, { result: verdict.spare === undefined ? "cold" : "claim" });
      if (verdict?.kind === "refuse") this.#metrics.decisions.add(1, { result: verdict.reason });
      this.#notices.forget(name);
      onSession(name);
    }
    // One that the cache does not show yet is met again when it does.
    for (const name of retire) {
      const workspace = workspaces.store.get(name);
      if (workspace !== undefined) onPool(workspace.spec.template.name);
    }
    if (this.#placement.numbers.waiting > 0) this.#wake();
  }

  #report(): Disposable {
    const { seats } = this.#metrics;
    const read: ObservableCallback = (result) => {
      for (const [state, count] of Object.entries(this.#placement.numbers)) result.observe(count, { state });
    };
    seats.addCallback(read);
    return { [Symbol.dispose]: () => seats.removeCallback(read) };
  }

  /** Tells those who wait where they stand. */
  #look(): void {
    if (this.#placement.numbers.waiting === 0) return this.#rate.reset();
    this.#settle();
    const due = this.#notices.refresh(this.#placement.order(), this.#options.clock.now());
    for (const name of due) this.#options.onSession(name);
  }

  /** Until the next look: a while after somebody has come, or when it is time. */
  async #rest(signal: AbortSignal): Promise<void> {
    const woken = Promise.withResolvers<void>();
    this.#wake = woken.resolve;
    const stop = new AbortController();
    const both = AbortSignal.any([signal, stop.signal]);
    const wait = this.#placement.numbers.waiting > 0 ? LOOK_MS : Number.MAX_SAFE_INTEGER;
    await Promise.race([woken.promise, this.#options.clock.sleep(wait, both).catch(() => undefined)]);
    stop.abort();
    if (!signal.aborted) await this.#options.clock.sleep(GATHER_MS, signal).catch(() => undefined);
  }
}

function byCreation(a: Session, b: Session): number {
  const at = ({ metadata }: Session): string => `${metadata.creationTimestamp ?? ""} ${metadata.name}`;
  return at(a) < at(b) ? -1 : 1;
}
