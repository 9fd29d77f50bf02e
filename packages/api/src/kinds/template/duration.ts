import { DURATION_PATTERN } from "@carrel/std";
import { z } from "zod";

/** A length of time as people write it: `30s`, `10m`, `8h`, `2d`. */
export const duration = z.string().regex(new RegExp(DURATION_PATTERN)).max(8);

/** CEL: the seconds of one of our durations. CEL's own `duration()` knows no days. */
export function secondsInCel(field: string): string {
  const text = `self.${field}`;
  const number = `int(${text}.substring(0, size(${text}) - 1))`;
  return `(${number} * (${text}.endsWith('d') ? 86400 : ${text}.endsWith('h') ? 3600 : ${text}.endsWith('m') ? 60 : 1))`;
}
