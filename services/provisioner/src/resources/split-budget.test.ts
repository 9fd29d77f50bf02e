import assert from "node:assert/strict";
import { test } from "node:test";
import { BUDGET_SIZES, Quantity } from "@carrel/api";
import { hasCode } from "@carrel/std";
import { addAmounts, budgetOf, formatAmounts, parseAmounts } from "@carrel/template";
import fc from "fast-check";
import { splitBudget } from "./split-budget.ts";

const hard = parseAmounts({ "limits.cpu": "1", "limits.memory": "1Gi", services: "5", pods: "20" });

test("parts are equal where nothing is said, rounded down, and the primary one has the rest", () => {
  assert.deepEqual(splitBudget(hard, [undefined, undefined]).map(formatAmounts), [
    { "limits.cpu": "334m", "limits.memory": "342Mi", services: "3", pods: "8" },
    { "limits.cpu": "333m", "limits.memory": "341Mi", services: "1", pods: "6" },
    { "limits.cpu": "333m", "limits.memory": "341Mi", services: "1", pods: "6" },
  ]);
});

test("a declared share is that many percent of the whole; the others share what is left", () => {
  const [primary, big, small] = splitBudget(hard, [60, undefined]).map(formatAmounts);
  assert.deepEqual([primary?.["pods"], big?.["pods"], small?.["pods"]], ["4", "12", "4"]);
  assert.deepEqual([primary?.["limits.cpu"], big?.["limits.cpu"], small?.["limits.cpu"]], ["200m", "600m", "200m"]);
});

test("one namespace has everything", () => {
  assert.deepEqual(splitBudget(hard, []), [hard]);
});

test("shares that leave nothing are refused", () => {
  assert.throws(
    () => splitBudget(hard, [60, 40]),
    (error: Error) => hasCode(error, "INVALID"),
  );
});

test("whatever the budget and the shares, the parts add up to the budget exactly, and none is more than its share", () => {
  const share = fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined });
  fc.assert(
    fc.property(fc.constantFrom(...BUDGET_SIZES), fc.array(share, { maxLength: 8 }), (budget, shares) => {
      const whole = budgetOf({ budget, quota: {} }).hard;
      const parts = splitBudget(whole, shares);
      assert.equal(parts.length, shares.length + 1);
      const sum = parts.reduce(addAmounts);
      for (const [key, amount] of Object.entries(whole)) {
        assert.equal((sum[key] ?? Quantity.zero).compare(amount), 0, key);
      }
      shares.forEach((percent, index) => {
        const part = parts[index + 1] ?? {};
        for (const [key, amount] of Object.entries(whole)) {
          const most = percent === undefined ? amount : amount.part(percent, 100, Quantity.parse("1n"));
          assert.ok((part[key] ?? Quantity.zero).compare(most) <= 0, key);
        }
      });
    }),
  );
});
