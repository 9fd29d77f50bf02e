import { Quantity } from "@carrel/api";
import { CarrelError } from "@carrel/std";
import type { Amounts } from "@carrel/template";

const MILLI = Quantity.parse("1m");
const ONE = Quantity.parse("1");
const MEBI = Quantity.parse("1Mi");

/**
 * Splits a budget over namespaces: the i-th additional one gets `shares[i]` percent of every key, or an equal part of
 * what the declared shares leave; parts are rounded down to whole units and the first, the primary one's, is the rest.
 * So the sum of all parts is the budget, exactly. Pure.
 *
 * @returns the parts: the primary namespace's, then those of the additional ones in order.
 * @throws CarrelError `INVALID` when the shares leave nothing.
 */
export function splitBudget(hard: Amounts, shares: readonly (number | undefined)[]): readonly Amounts[] {
  const declared = shares.reduce<number>((sum, share) => sum + (share ?? 0), 0);
  if (declared >= 100) {
    throw new CarrelError("INVALID", `the shares of the namespaces are ${declared}% together; they must leave some`);
  }
  const equals = shares.filter((share) => share === undefined).length + 1;
  const additional = shares.map((share) => {
    const [numerator, denominator] = share === undefined ? [100 - declared, 100 * equals] : [share, 100];
    return Object.fromEntries(
      Object.entries(hard).map(([key, amount]) => [key, amount.part(numerator, denominator, unitOf(key, amount))]),
    );
  });
  const primary = Object.fromEntries(
    Object.entries(hard).map(([key, amount]) => [
      key,
      additional.reduce((rest, part) => rest.minus(part[key] ?? Quantity.zero), amount),
    ]),
  );
  return [primary, ...additional];
}

/** What a part is a multiple of: whole objects, thousandths of a core, mebibytes where there are enough of them. */
function unitOf(key: string, amount: Quantity): Quantity {
  if (key.endsWith("cpu")) return MILLI;
  const isBytes = /(^|\.)(memory|storage|ephemeral-storage)$/.test(key) || key.includes("hugepages-");
  return isBytes && amount.compare(MEBI.times(100)) >= 0 ? MEBI : ONE;
}
