import type { Amounts } from "@carrel/template";

/** The limits among amounts of quota keys, by resource: `limits.cpu` bounds `cpu`. Pure. */
export function limitsOf(hard: Amounts): Amounts {
  return Object.fromEntries(
    ["cpu", "memory", "ephemeral-storage"].flatMap((key) => {
      const amount = hard[`limits.${key}`];
      return amount === undefined ? [] : [[key, amount] as const];
    }),
  );
}
