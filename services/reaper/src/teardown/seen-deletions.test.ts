import assert from "node:assert/strict";
import { test } from "node:test";
import { SeenDeletions } from "./seen-deletions.ts";

test("the newest deletions are remembered, as many as there is room for", () => {
  const seen = new SeenDeletions(2);
  for (const uid of ["a", "b", "a", undefined, "c"]) seen.add(uid);
  assert.deepEqual(
    ["a", "b", "c", ""].map((uid) => seen.has(uid)),
    [false, true, true, false],
  );
});
