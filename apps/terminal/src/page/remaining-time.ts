/** How a remaining time is shown. */
export interface RemainingTime {
  readonly text: string;
  readonly tone: "calm" | "soon" | "last";
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The text for a number of milliseconds: to the minute, under two minutes to the second. Rounds down. */
export function remainingTime(ms: number): RemainingTime {
  const left = Math.max(0, ms);
  if (left < 2 * MINUTE) return { text: `${Math.floor(left / SECOND)} s left`, tone: "last" };
  const tone = left < 10 * MINUTE ? "soon" : "calm";
  const minutes = Math.floor((left % HOUR) / MINUTE);
  const hours = Math.floor(left / HOUR);
  if (hours === 0) return { text: `${minutes} min left`, tone };
  return { text: `${hours} h ${String(minutes).padStart(2, "0")} min left`, tone };
}

/** When the text can next differ, in milliseconds from now. */
export function nextChangeMs(ms: number): number {
  if (ms <= 0) return SECOND;
  const step = ms < 2 * MINUTE + SECOND ? SECOND : MINUTE;
  return Math.max(50, ms % step) + 10;
}
