import { Quantity } from "@carrel/api";
import { CarrelError } from "@carrel/std";

/** Amounts by resource or quota key. */
export type Amounts = Readonly<Record<string, Quantity>>;

/**
 * Reads amounts as authors write them, numbers among them; an absent value is left out.
 * @throws CarrelError `INVALID` that names the key, for what is no quantity.
 */
export function parseAmounts(given: Readonly<Record<string, string | number | undefined>> | undefined): Amounts {
  return Object.fromEntries(
    Object.entries(given ?? {}).flatMap(([key, value]) => (value === undefined ? [] : [[key, parse(key, value)]])),
  );
}

function parse(key: string, value: string | number): Quantity {
  try {
    return Quantity.parse(String(value));
  } catch (error) {
    throw new CarrelError("INVALID", `${key}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Amounts as an object of Kubernetes holds them. */
export function formatAmounts(amounts: Amounts): Record<string, string> {
  return Object.fromEntries(Object.entries(amounts).map(([key, amount]) => [key, String(amount)]));
}

/** Amounts key by key: both where both have one, else the one there is. */
export function mergeAmounts(a: Amounts, b: Amounts, how: (a: Quantity, b: Quantity) => Quantity): Amounts {
  const merged: Record<string, Quantity> = { ...a };
  for (const [key, amount] of Object.entries(b)) {
    const other = merged[key];
    merged[key] = other === undefined ? amount : how(other, amount);
  }
  return merged;
}

/** The sum of amounts. */
export function addAmounts(a: Amounts, b: Amounts): Amounts {
  return mergeAmounts(a, b, (x, y) => x.plus(y));
}

/** The entries whose key passes. */
export function pickAmounts(amounts: Amounts, wanted: (key: string) => boolean): Amounts {
  return Object.fromEntries(Object.entries(amounts).filter(([key]) => wanted(key)));
}
