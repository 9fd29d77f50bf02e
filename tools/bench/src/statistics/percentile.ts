/**
 * The nearest-rank percentile: the smallest value that at least `percent` of the values do not exceed. It is always one
 * of the values; with fewer than 100 values the 99th is the largest.
 *
 * @param percent above 0, at most 100
 * @throws RangeError for no values, or a percentage outside of that.
 */
export function percentile(values: readonly number[], percent: number): number {
  if (!(percent > 0 && percent <= 100)) throw new RangeError(`there is no percentile ${percent}`);
  const sorted = values.toSorted((a, b) => a - b);
  const found = sorted[Math.ceil((percent / 100) * sorted.length) - 1];
  if (found === undefined) throw new RangeError("no values, no percentile");
  return found;
}

/** The 50th {@link percentile}. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}
