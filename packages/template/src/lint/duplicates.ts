import { errorAt } from "./lint-facts.ts";
import type { Problem } from "./problem.ts";

/** An error at each item whose key an earlier one has already. */
export function duplicates<T>(
  items: readonly T[],
  path: string,
  keyOf: (item: T) => string | undefined,
): readonly Problem[] {
  const first = new Map<string, number>();
  return items.flatMap((item, index) => {
    const key = keyOf(item);
    if (key === undefined) return [];
    const earlier = first.get(key);
    if (earlier !== undefined)
      return [errorAt("duplicate", `${path}[${index}]`, `${key} stands at ${path}[${earlier}] already`)];
    first.set(key, index);
    return [];
  });
}
