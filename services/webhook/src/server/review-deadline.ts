const UNITS_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/y;

/** A duration as Go writes it, e.g. `5s` or `1m30s`, in milliseconds; undefined for anything else. */
export function parseGoDurationMs(text: string): number | undefined {
  let totalMs = 0;
  let position = 0;
  while (position < text.length) {
    PART.lastIndex = position;
    const match = PART.exec(text);
    if (match === null) return undefined;
    totalMs += Number(match[1]) * (UNITS_MS[match[2] ?? ""] ?? 0);
    position = PART.lastIndex;
  }
  return position === 0 ? undefined : totalMs;
}

/** What the API server waits for when nobody says otherwise. */
const DEFAULT_MS = 10_000;

/**
 * How long a review may take here, in milliseconds, by the API server's `?timeout=`: less than it waits, so that it
 * hears an answer with a reason and not a broken connection.
 */
export function reviewDeadlineMs(timeout: string | null): number {
  const waitsMs = (timeout === null ? undefined : parseGoDurationMs(timeout)) ?? DEFAULT_MS;
  return Math.max(waitsMs * 0.5, waitsMs - 500);
}
