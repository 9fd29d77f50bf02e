import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Scrollback } from "./scrollback.ts";

test("everything is kept below the limit, in order", () => {
  const scrollback = new Scrollback(100);
  for (const text of ["one\n", "", "two\n"]) scrollback.append(Buffer.from(text));
  assert.equal(Buffer.from(scrollback.read()).toString(), "one\ntwo\n");
  scrollback.append(Buffer.from("three"));
  assert.equal(Buffer.from(scrollback.read()).toString(), "one\ntwo\nthree");
});

test("above it the end is kept, from a line break on", () => {
  const scrollback = new Scrollback(10);
  scrollback.append(Buffer.from("first line\nsecond\nthird"));
  assert.equal(Buffer.from(scrollback.read()).toString(), "third");
});

test("without line breaks the last bytes are kept", () => {
  const scrollback = new Scrollback(10);
  scrollback.append(Buffer.from("x".repeat(50)));
  assert.equal(scrollback.read().byteLength, 10);
});

test("it is always a suffix of what was written, within the limit and no shorter than needed", () => {
  const chunk = fc.string({ unit: fc.constantFrom("a", "é", "\n"), maxLength: 40 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 64 }), fc.array(chunk, { maxLength: 30 }), (limit, chunks) => {
      const scrollback = new Scrollback(limit);
      for (const text of chunks) scrollback.append(Buffer.from(text));
      const all = Buffer.from(chunks.join(""));
      const kept = Buffer.from(scrollback.read());
      assert.ok(kept.byteLength <= limit);
      assert.ok(all.subarray(all.byteLength - kept.byteLength).equals(kept));
      if (all.byteLength <= limit) assert.equal(kept.byteLength, all.byteLength);
    }),
  );
});
