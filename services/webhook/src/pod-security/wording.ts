/** Upstream's list of names: `"a", "b"`. */
export function quoted(names: readonly string[]): string {
  return names.length === 0 ? "" : `"${names.join('", "')}"`;
}

/** The singular for one, else the plural. */
export function plural(singular: string, many: string, count: number): string {
  return count === 1 ? singular : many;
}

/** Upstream's subject of a sentence: `pod and containers "a", "b"`. */
export function setters(pod: boolean, containers: readonly string[]): string {
  const parts: string[] = pod ? ["pod"] : [];
  if (containers.length > 0) parts.push(containersText(containers));
  return parts.join(" and ");
}

/** `container "a"` or `containers "a", "b"`. */
export function containersText(names: readonly string[]): string {
  return `${plural("container", "containers", names.length)} ${quoted(names)}`;
}

/** Distinct values in byte order, as upstream's string sets list them. */
export function sorted(values: Iterable<string>): string[] {
  return [...new Set(values)].sort();
}
