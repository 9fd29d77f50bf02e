import type { Finding } from "../rules/rule.ts";

/** Findings of the new object, told apart. */
export interface Ratcheted {
  /** Not in the old object: what an update is refused for. */
  readonly fresh: readonly Finding[];
  /** In the old object as well: what an update is warned of. */
  readonly known: readonly Finding[];
}

/** Splits the findings of an update by whether the old object had them already; each old one excuses one new one. */
export function ratchet(found: readonly Finding[], before: readonly Finding[]): Ratcheted {
  if (found.length === 0 || before.length === 0) return { fresh: found, known: [] };
  const excused = new Map<string, number>();
  for (const finding of before) excused.set(keyOf(finding), (excused.get(keyOf(finding)) ?? 0) + 1);
  const fresh: Finding[] = [];
  const known: Finding[] = [];
  for (const finding of found) {
    const left = excused.get(keyOf(finding)) ?? 0;
    if (left === 0) {
      fresh.push(finding);
    } else {
      excused.set(keyOf(finding), left - 1);
      known.push(finding);
    }
  }
  return { fresh, known };
}

/** Without the list's index when a subject is known: `spec.containers[0].x` of container `a` may become `[1].x`. */
function keyOf({ detail = "", subject, path, message }: Finding): string {
  const place = subject === undefined ? path : `${subject} ${path.replaceAll(/\[\d+\]/g, "[]")}`;
  return `${detail}\0${place}\0${message}`;
}
