import { CarrelError } from "./carrel-error.ts";

/** How Carrel writes a duration: digits and a unit, e.g. `90s`, `30m`, `4h`, `2d`. One unit, no fractions. */
export const DURATION_PATTERN = "^[1-9][0-9]{0,5}(s|m|h|d)$";

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Parses a duration such as `30m` to milliseconds. @throws CarrelError `INVALID` for anything else. */
export function parseDurationMs(text: string): number {
  const unitMs = UNIT_MS[text.slice(-1)];
  if (!new RegExp(DURATION_PATTERN).test(text) || unitMs === undefined) {
    throw new CarrelError("INVALID", `"${text}" is not a duration; write digits and a unit, e.g. 90s, 30m, 4h or 2d`);
  }
  return Number(text.slice(0, -1)) * unitMs;
}
