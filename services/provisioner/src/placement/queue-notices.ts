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

/** Who of those that wait is told what, and how often: each notice is a write. Pure. */
export class QueueNotices {
  readonly #rate: StartRate;
  readonly #maxRenewals: number;
  readonly #told = new Map<string, Told>();

  /** @param maxRenewals notices at most per {@link refresh} to those who had one before. */
  constructor(rate: StartRate, maxRenewals: number) {
    this.#rate = rate;
    this.#maxRenewals = maxRenewals;
  }

  /** Looks at everybody in the order of their turns; returns whom to tell something new. */
  refresh(order: readonly { readonly name: string }[], nowMs: number): readonly string[] {
    const due: string[] = [];
    let renewals = 0;
    order.forEach(({ name }, index) => {
      const told = this.#told.get(name);
      if (told !== undefined && (renewals >= this.#maxRenewals || !this.#isOutdated(told, index + 1, nowMs))) return;
      if (told !== undefined) renewals += 1;
      const startAtMs = this.#rate.estimateMs(index + 1, nowMs);
      this.#told.set(name, {
        position: shownPosition(index + 1),
        atMs: nowMs,
        ...(startAtMs === undefined ? {} : { startAtMs }),
      });
      due.push(name);
    });
    return due;
  }

  /** What a session was told last. */
  of(name: string): QueueNotice | undefined {
    return this.#told.get(name);
  }

  forget(name: string): void {
    this.#told.delete(name);
  }

  #isOutdated(told: Told, position: number, nowMs: number): boolean {
    const shown = shownPosition(position);
    if (nowMs - told.atMs < (shown <= EXACT_UP_TO ? NEAR_MS : FAR_MS)) return false;
    if (shown !== told.position) return true;
    const startAtMs = this.#rate.estimateMs(position, nowMs);
    if (startAtMs === undefined) return false;
    if (told.startAtMs === undefined) return true;
    return Math.abs(startAtMs - told.startAtMs) > Math.max(LEAST_DRIFT_MS, (startAtMs - nowMs) / 4);
  }
}

/** A position as it is told: exact near the front, in tens and hundreds further back. */
function shownPosition(position: number): number {
  if (position <= EXACT_UP_TO) return position;
  const step = position <= 500 ? 10 : 100;
  return Math.ceil(position / step) * step;
}
