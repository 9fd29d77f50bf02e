/** `stuck`: no node can take it. `lingering`: it takes up nothing that starts need, and is not ready. */
export type StartState = "starting" | "stuck" | "lingering";

interface Start {
  readonly lane: string;
  readonly state: StartState;
}

/**
 * How many desks may start at once. It grows by one with each that becomes ready, so that it doubles while all goes
 * well, and falls to one as soon as no node can take a desk. While a desk of a template waits for a node no other of
 * that template starts; others are tried one at a time, so that one template that fits nowhere holds up only itself.
 * Pure.
 */
export class StartWindow {
  readonly #max: number;
  readonly #starts = new Map<string, Start>();
  readonly #stuck = new Map<string, Set<string>>();
  #width: number;
  #starting = 0;
  #stuckTotal = 0;

  constructor(max: number) {
    this.#max = max;
    this.#width = max;
  }

  /** Desks that may become ready soon. */
  get starting(): number {
    return this.#starting;
  }

  /** Desks that no node can take. */
  get stuck(): number {
    return this.#stuckTotal;
  }

  /** What is known of a desk that starts. */
  update(id: string, lane: string, state: StartState): void {
    if (this.#starts.get(id)?.state === state) return;
    this.#forget(id);
    this.#starts.set(id, { lane, state });
    if (state === "starting") this.#starting += 1;
    if (state !== "stuck") return;
    this.#width = 1;
    this.#stuckTotal += 1;
    const ids = this.#stuck.get(lane);
    if (ids === undefined) this.#stuck.set(lane, new Set([id]));
    else ids.add(id);
  }

  /** The desk is ready. */
  ready(id: string): void {
    if (this.#forget(id)) this.#width = Math.min(this.#max, this.#width + 1);
  }

  /** The desk will not become ready any more. */
  gone(id: string): void {
    this.#forget(id);
  }

  /** True when one more desk of the lane may start now. */
  isOpen(lane: string): boolean {
    if (this.#stuck.has(lane)) return false;
    return this.#starting < (this.#stuckTotal > 0 ? 1 : this.#width);
  }

  /** The desks of a lane that no node can take. */
  stuckIn(lane: string): readonly string[] {
    return [...(this.#stuck.get(lane) ?? [])];
  }

  #forget(id: string): boolean {
    const start = this.#starts.get(id);
    if (start === undefined) return false;
    this.#starts.delete(id);
    if (start.state === "starting") this.#starting -= 1;
    if (start.state === "stuck") {
      this.#stuckTotal -= 1;
      const ids = this.#stuck.get(start.lane);
      ids?.delete(id);
      if (ids?.size === 0) this.#stuck.delete(start.lane);
    }
    return true;
  }
}
