import type { Pool } from "@carrel/api";

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
const MINUTES_OF_DAY = 24 * 60;

interface LocalTime {
  readonly day: number;
  /** Since local midnight, as a clock on the wall shows it. */
  readonly minute: number;
}

/**
 * How many spares a pool keeps at an instant: the first schedule entry that holds, else `size`. Local times are those
 * of a clock on the wall: an hour that a change to summer time skips is nobody's, one that it repeats counts twice. An
 * unknown time zone makes its entry hold never. Pure.
 */
export function wantedSpares(pool: Pool, nowMs: number): number {
  return pool.schedule.find((entry) => holds(entry, nowMs))?.size ?? pool.size;
}

function holds(entry: Pool["schedule"][number], nowMs: number): boolean {
  const now = localTime(entry.timeZone, nowMs);
  if (now === undefined) return false;
  const from = minutesOf(entry.from);
  const to = minutesOf(entry.to);
  const starts = (day: number): boolean => entry.days.includes(DAYS[(day + 7) % 7] ?? "Sun");
  if (from < to) return starts(now.day) && now.minute >= from && now.minute < to;
  // Over midnight: begun today, or yesterday.
  return (starts(now.day) && now.minute >= from) || (starts(now.day - 1) && now.minute < to);
}

function minutesOf(clock: string): number {
  return (Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5))) % MINUTES_OF_DAY;
}

const FORMATS = new Map<string, Intl.DateTimeFormat | undefined>();
/** More zones than there are. */
const MAX_FORMATS = 1000;

function localTime(timeZone: string, nowMs: number): LocalTime | undefined {
  if (!FORMATS.has(timeZone)) {
    if (FORMATS.size >= MAX_FORMATS) FORMATS.clear();
    FORMATS.set(timeZone, formatOf(timeZone));
  }
  const parts = FORMATS.get(timeZone)?.formatToParts(nowMs);
  if (parts === undefined) return undefined;
  const part = (type: string): string => parts.find((candidate) => candidate.type === type)?.value ?? "";
  return {
    day: DAYS.indexOf(part("weekday") as (typeof DAYS)[number]),
    minute: Number(part("hour")) * 60 + Number(part("minute")),
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  const shape = { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  try {
    return new Intl.DateTimeFormat("en-US", { ...shape, timeZone });
  } catch {
    return undefined;
  }
}
