import { MinHeap } from "./min-heap.ts";

/** Who waits; names are unique. */
export interface QueueEntry {
  readonly name: string;
  /** Between whom the queue is fair. */
  readonly flow: string;
  /** What it waits for: some lanes may be open while others are shut. */
  readonly lane: string;
}

interface Flow {
  readonly name: string;
  /** By lane; in each lane in the order of `place`. */
  readonly lanes: Map<string, Map<string, { readonly place: number; readonly entry: QueueEntry }>>;
  size: number;
  /** Virtual time at which its next entry starts. */
  start: number;
  /** Decides between equal starts: who was served last comes last. */
  tie: number;
  queued: boolean;
}

/**
 * Start-time fair queueing: of those who wait, each flow leaves in proportion to its weight, whatever the others ask
 * for; within a flow it is first come, first served. A flow that asked for nothing earns nothing by it, and one whose
 * entries were taken back owes nothing for them. O(log flows) per step. No I/O, no clock.
 */
export class WeightedFairQueue<E extends QueueEntry> {
  readonly #weightOf: (flow: string) => number;
  readonly #flows = new Map<string, Flow>();
  readonly #entries = new Map<string, E>();
  readonly #turns = new MinHeap<Flow>(isBefore);
  #now = 0;
  #places = 0;
  #ties = 0;

  /** @param weightOf at least 1; read when the flow is served. */
  constructor(weightOf: (flow: string) => number) {
    this.#weightOf = weightOf;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** How many of a flow wait. */
  sizeOf(flow: string): number {
    return this.#flows.get(flow)?.size ?? 0;
  }

  /** The flows that somebody waits in. */
  flows(): readonly string[] {
    return [...this.#flows.values()].filter(({ size }) => size > 0).map(({ name }) => name);
  }

  /** The lanes that somebody waits in. */
  lanes(): ReadonlySet<string> {
    const lanes = new Set<string>();
    for (const flow of this.#flows.values()) for (const lane of flow.lanes.keys()) lanes.add(lane);
    return lanes;
  }

  /** Lets an entry wait behind the others of its flow. One that waits already stays where it is. */
  push(entry: E): void {
    if (!this.#entries.has(entry.name)) this.#insert(entry, this.#places++);
  }

  /** Puts back an entry that was taken and could not be served: it is the next of its flow. O(n) in its lane. */
  giveBack(entry: E): void {
    if (this.#entries.has(entry.name)) return;
    const flow = this.#insert(entry, -this.#places++);
    const lane = flow.lanes.get(entry.lane);
    const sorted = [...(lane ?? [])].sort(([, a], [, b]) => a.place - b.place);
    flow.lanes.set(entry.lane, new Map(sorted));
  }

  /** Takes an entry out; false when it does not wait. */
  remove(name: string): boolean {
    const entry = this.#entries.get(name);
    const flow = entry === undefined ? undefined : this.#flows.get(entry.flow);
    if (entry === undefined || flow === undefined) return false;
    this.#entries.delete(name);
    const lane = flow.lanes.get(entry.lane);
    lane?.delete(name);
    if (lane?.size === 0) flow.lanes.delete(entry.lane);
    flow.size -= 1;
    if (this.#entries.size === 0) this.#forgetAll();
    return true;
  }

  /** The next entry whose lane is open, which then waits no more; undefined when there is none. */
  take(isOpen: (lane: string) => boolean): E | undefined {
    const shut: Flow[] = [];
    let taken: QueueEntry | undefined;
    for (let flow = this.#turns.pop(); flow !== undefined; flow = this.#turns.pop()) {
      flow.queued = false;
      if (flow.size === 0) continue;
      taken = oldest(flow, isOpen);
      if (taken !== undefined) {
        this.#now = flow.start;
        flow.start += 1 / this.#weightOf(flow.name);
        this.#queue(flow);
        break;
      }
      shut.push(flow);
    }
    for (const flow of shut) {
      // Who could not use a turn does not save it up for later.
      flow.start = Math.max(flow.start, this.#now);
      this.#queue(flow);
    }
    if (taken !== undefined) this.remove(taken.name);
    return taken as E | undefined;
  }

  /** The last of a flow to have come, if any waits. */
  newestOf(flow: string): E | undefined {
    let newest: { readonly place: number; readonly entry: QueueEntry } | undefined;
    for (const lane of this.#flows.get(flow)?.lanes.values() ?? [])
      for (const waiting of lane.values()) if (newest === undefined || waiting.place > newest.place) newest = waiting;
    return newest?.entry as E | undefined;
  }

  /** Everybody in the order in which they would leave if every lane were open and nobody else came. O(n log n). */
  order(): readonly E[] {
    const turns = new MinHeap<{ start: number; tie: number; step: number; entries: QueueEntry[] }>(isBefore);
    for (const { name, lanes, size, start, tie } of this.#flows.values()) {
      if (size === 0) continue;
      const waiting = [...lanes.values()].flatMap((lane) => [...lane.values()]).sort((a, b) => b.place - a.place);
      turns.push({ start, tie, step: 1 / this.#weightOf(name), entries: waiting.map(({ entry }) => entry) });
    }
    const order: E[] = [];
    let ties = this.#ties;
    for (let turn = turns.pop(); turn !== undefined; turn = turns.pop()) {
      const next = turn.entries.pop();
      if (next === undefined) continue;
      order.push(next as E);
      turns.push({ ...turn, start: turn.start + turn.step, tie: ties++ });
    }
    return order;
  }

  #insert(entry: E, place: number): Flow {
    this.#entries.set(entry.name, entry);
    const flow = this.#flows.get(entry.flow) ?? {
      name: entry.flow,
      lanes: new Map(),
      size: 0,
      start: this.#now,
      tie: 0,
      queued: false,
    };
    this.#flows.set(entry.flow, flow);
    if (flow.size === 0) flow.start = Math.max(flow.start, this.#now);
    const lane = flow.lanes.get(entry.lane) ?? new Map<string, { place: number; entry: QueueEntry }>();
    lane.set(entry.name, { place, entry });
    flow.lanes.set(entry.lane, lane);
    flow.size += 1;
    this.#queue(flow);
    return flow;
  }

  #queue(flow: Flow): void {
    if (flow.queued) return;
    flow.queued = true;
    flow.tie = this.#ties++;
    this.#turns.push(flow);
  }

  /** Nobody waits: nobody is ahead or behind any more. */
  #forgetAll(): void {
    while (this.#turns.pop() !== undefined);
    this.#flows.clear();
    this.#now = 0;
  }
}

function isBefore(a: { start: number; tie: number }, b: { start: number; tie: number }): boolean {
  return a.start < b.start || (a.start === b.start && a.tie < b.tie);
}

/** The entry of a flow that came first among those whose lane is open. */
function oldest(flow: Flow, isOpen: (lane: string) => boolean): QueueEntry | undefined {
  let found: { readonly place: number; readonly entry: QueueEntry } | undefined;
  for (const [name, lane] of flow.lanes) {
    const [first] = lane.values();
    if (first !== undefined && (found === undefined || first.place < found.place) && isOpen(name)) found = first;
  }
  return found?.entry;
}
