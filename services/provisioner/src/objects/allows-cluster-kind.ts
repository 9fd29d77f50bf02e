import type { PolicyProfileSpec } from "@carrel/api";

/** True when there is a ceiling and every one lists the kind among its `clusterObjects`. Pure. */
export function allowsClusterKind(profiles: readonly PolicyProfileSpec[], group: string, kind: string): boolean {
  const ceilings = profiles.filter(({ ceiling }) => ceiling);
  // As stored: what its author left out may not be there.
  const allows = ({ clusterObjects }: Partial<Pick<PolicyProfileSpec, "clusterObjects">>): boolean =>
    (clusterObjects ?? []).some((entry) => entry.group === group && entry.kinds.includes(kind));
  return ceilings.length > 0 && ceilings.every(allows);
}
