import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Quantity } from "./quantity.ts";

const q = (text: string): Quantity => Quantity.parse(text);

test("reads every suffix exactly, and writes the shortest text", () => {
  const same: readonly (readonly [string, string])[] = [
    ["250m", "250m"],
    ["0.25", "250m"],
    ["1000m", "1"],
    ["2", "2"],
    ["1.5Gi", "1536Mi"],
    ["1Ki", "1024"],
    ["1M", "1000000"],
    ["16Gi", "16Gi"],
    ["0", "0"],
    ["0.0000000001", "1n"],
    ["1536Ki", "1536Ki"],
  ];
  for (const [text, written] of same) assert.equal(String(q(text)), written, text);
});

test("refuses what is no quantity, signs and exponents", () => {
  for (const text of ["", "-1", "+1", "1e3", "1 Gi", "Gi", "1.", ".5", "1GiB"]) {
    assert.throws(() => q(text), RangeError, text);
  }
});

test("compares and computes across units", () => {
  assert.equal(q("1Gi").compare(q("1024Mi")), 0);
  assert.ok(q("1G").compare(q("1Gi")) < 0);
  assert.equal(String(q("500m").plus(q("1"))), "1500m");
  assert.equal(String(q("1").minus(q("2"))), "0");
  assert.equal(String(q("1Gi").least(q("1G"))), "1000000000");
  assert.equal(String(q("1Gi").greatest(q("1G"))), "1Gi");
  assert.equal(String(q("3").times(20)), "60");
  assert.equal(String(q("1").part(1, 3, q("1m"))), "333m");
});

test("what is written reads as the same amount", () => {
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom("n", "u", "m", "", "k", "Ki", "M", "Mi", "Gi", "T", "Pi"), (n, suffix) => {
      const quantity = q(`${n}${suffix}`);
      assert.equal(q(String(quantity)).compare(quantity), 0);
    }),
  );
});
