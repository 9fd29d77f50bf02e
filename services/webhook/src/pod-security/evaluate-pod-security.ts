import type { Breach, CheckPod } from "./check.ts";
import type { PodParts } from "./pod-parts.ts";
import { viewOf, type PodView } from "./pod-view.ts";
import { NEWEST_MINOR, policyMinor } from "./policy-version.ts";
import { STANDARDS, type Standard } from "./standards.ts";

/** A Pod Security Standard. */
export type PodSecurityLevel = "privileged" | "baseline" | "restricted";

/** A check that the pod fails. */
export interface PodSecurityViolation extends Breach {
  /** Id of the check, e.g. `runAsNonRoot`; see {@link STANDARDS}. */
  readonly id: string;
}

export interface PodSecurityVerdict {
  readonly allowed: boolean;
  readonly violations: readonly PodSecurityViolation[];
}

interface Row {
  readonly id: string;
  readonly check: CheckPod;
}

function rowOf(standard: Standard, minor: number): Row | undefined {
  const version = standard.versions.findLast(({ since }) => since <= minor);
  return version === undefined ? undefined : { id: standard.id, check: version.check };
}

function rowsFor(level: PodSecurityLevel, minor: number): readonly Row[] {
  if (level === "privileged") return [];
  const restricted = STANDARDS.filter((standard) => standard.level === "restricted" && rowOf(standard, minor));
  const overridden = new Set(restricted.flatMap((standard) => standard.overrides));
  const chosen = STANDARDS.filter(
    (standard) =>
      (standard.level === "baseline" && (level === "baseline" || !overridden.has(standard.id))) ||
      (standard.level === "restricted" && level === "restricted"),
  );
  return chosen.flatMap((standard) => rowOf(standard, minor) ?? []);
}

function table(level: PodSecurityLevel): readonly (readonly Row[])[] {
  return Array.from({ length: NEWEST_MINOR + 1 }, (_, minor) => rowsFor(level, minor));
}

const TABLES = { privileged: table("privileged"), baseline: table("baseline"), restricted: table("restricted") };

/**
 * Judges a pod, or the template of one, as the built-in Pod Security admission does: same verdict, same checks, same
 * reasons and details in the same order. Pure. The pod must be defaulted as the API server does; for pods read from
 * files see {@link defaultVolumes}.
 *
 * @param version `latest` or `v1.N`; anything else is judged as `latest`, as upstream does for a bad label.
 * @param prefix where the pod stands in the object, for the fields' paths: `` or `spec.template.`.
 */
export function evaluatePodSecurity(
  level: PodSecurityLevel,
  version: string,
  pod: PodParts,
  prefix = "",
): PodSecurityVerdict {
  const minor = policyMinor(version) ?? policyMinor("latest") ?? 0;
  const rows = TABLES[level][minor] ?? [];
  if (rows.length === 0) return { allowed: true, violations: [] };
  return judge(rows, viewOf(pod, prefix));
}

function judge(rows: readonly Row[], view: PodView): PodSecurityVerdict {
  const violations: PodSecurityViolation[] = [];
  for (const { id, check } of rows) {
    const breach = check(view);
    if (breach !== undefined) violations.push({ id, ...breach });
  }
  return { allowed: violations.length === 0, violations };
}
