import { Pace } from "./pace.ts";
import type { StartRate } from "./start-rate.ts";

/** What one who waits is told. */
export interface QueueNotice {
  /** 1 is the next; further back it is rounded up. */
  readonly position: number;
  /** Milliseconds since the epoch; absent while nothing is known. */
  readonly startAtMs?: number;
}

interface Told extends QueueNotice {
  readonly atMs: number;
}

/** Up to here every step is told. */
const EXACT_UP_TO = 50;
/** Between two notices to the same session: near the front, and further back. */
const NEAR_MS = 3_000;
const FAR_MS = 15_000;
/** An estimate is told anew when it is off by a quarter of what is left, and by this much at least. */
const LEAST_DRIFT_MS = 10_000;

/**
 * Who of those that wait is told what, and how often: each notice is a write. At most 20 a second are renewed, and 200
 * given for the first time; the front comes first. Pure.
 */
export class QueueNotices {
  readonly #rate: StartRate;
  readonly #first = new Pace(200, 200);
  readonly #renewals = new Pace(20, 20);
  readonly #told = new Map<string, Told>();

  constructor(rate: StartRate) {
    this.#rate = rate;
  }

  /** Looks at everybody in the order of their turns; returns whom to tell something new. */
  refresh(order: readonly { readonly name: string }[], nowMs: number): readonly string[] {
    const due: string[] = [];
    const msPerStart = this.#rate.msPerStart(nowMs);
    for (const [index, { name }] of order.entries()) {
      const now: Told = {
        position: shownPosition(index + 1),
        atMs: nowMs,
        ...(msPerStart === undefined ? {} : { startAtMs: nowMs + (index + 1) * msPerStart }),
      };
      const told = this.#told.get(name);
      if (told !== undefined && !isOutdated(told, now)) continue;
      if (!(told === undefined ? this.#first : this.#renewals).take(nowMs)) continue;
      this.#told.set(name, now);
      due.push(name);
    }
    return due;
  }

  /** What a session was told last. */
  of(name: string): QueueNotice | undefined {
    return this.#told.get(name);
  }

  forget(name: string): void {
    this.#told.delete(name);
  }
}

function isOutdated(told: Told, { position, startAtMs, atMs }: Told): boolean {
  if (atMs - told.atMs < (position <= EXACT_UP_TO ? NEAR_MS : FAR_MS)) return false;
  if (position !== told.position) return true;
  if (startAtMs === undefined) return false;
  if (told.startAtMs === undefined) return true;
  return Math.abs(startAtMs - told.startAtMs) > Math.max(LEAST_DRIFT_MS, (startAtMs - atMs) / 4);
}

/** A position as it is told: exact near the front, in tens and hundreds further back. */
function shownPosition(position: number): number {
  if (position <= EXACT_UP_TO) return position;
  const step = position <= 500 ? 10 : 100;
  return Math.ceil(position / step) * step;
}
