import { CarrelError, type Clock } from "@carrel/std";

/** The wall clock may jump: never sleep longer than this before looking at it again. */
const MAX_SLEEP_MS = 30_000;

export interface ExpiryTimerOptions {
  readonly clock: Clock;
  /** Called once the time has come, never before it. Must not throw. */
  readonly onDue: (session: string) => void;
}

interface Entry {
  readonly session: string;
  readonly atMs: number;
}

/**
 * Calls back when sessions expire: one heap and one sleep for all of them, so that access ends at `expiresAt` even if
 * no event arrives.
 *
 * Entries are never moved: an extended session is found to be not due by whoever is called back, and set again.
 */
export class ExpiryTimer implements Disposable {
  readonly #options: ExpiryTimerOptions;
  /** A binary heap by time. */
  readonly #heap: Entry[] = [];
  readonly #armed = new Map<string, number>();
  #sleeping: AbortController | undefined;
  #wakesAtMs = Number.POSITIVE_INFINITY;
  #disposed = false;

  constructor(options: ExpiryTimerOptions) {
    this.#options = options;
  }

  /** Calls back for the session at `atMs` (wall clock), unless an earlier call is due already. */
  set(session: string, atMs: number): void {
    const armedMs = this.#armed.get(session);
    if (this.#disposed || (armedMs !== undefined && armedMs <= atMs)) return;
    this.#armed.set(session, atMs);
    this.#push({ session, atMs });
    if (atMs < this.#wakesAtMs) this.#sleep();
  }

  /** Sessions that wait for their time. */
  get size(): number {
    return this.#armed.size;
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#sleeping?.abort(stopped());
  }

  #sleep(): void {
    this.#sleeping?.abort(stopped());
    this.#sleeping = undefined;
    const first = this.#heap[0];
    this.#wakesAtMs = first?.atMs ?? Number.POSITIVE_INFINITY;
    if (first === undefined || this.#disposed) return;
    const abort = new AbortController();
    this.#sleeping = abort;
    const ms = Math.min(MAX_SLEEP_MS, Math.max(0, first.atMs - this.#options.clock.now()));
    this.#options.clock.sleep(ms, abort.signal).then(
      () => this.#wake(),
      () => undefined,
    );
  }

  #wake(): void {
    const now = this.#options.clock.now();
    const due: string[] = [];
    for (let first = this.#heap[0]; first !== undefined && first.atMs <= now; first = this.#heap[0]) {
      this.#pop();
      if (this.#armed.get(first.session) !== first.atMs) continue; // An earlier time took its place.
      this.#armed.delete(first.session);
      due.push(first.session);
    }
    for (const session of due) this.#options.onDue(session);
    this.#sleep();
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || above.atMs <= entry.atMs) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const child = (heap[left + 1]?.atMs ?? Number.POSITIVE_INFINITY) < (heap[left]?.atMs ?? 0) ? left + 1 : left;
      const below = heap[child];
      if (below === undefined || below.atMs >= last.atMs) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
  }
}

function stopped(): CarrelError {
  return new CarrelError("STOPPED", "the timer is set anew or disposed");
}
