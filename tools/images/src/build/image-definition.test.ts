import assert from "node:assert/strict";
import { test } from "node:test";
import { type ContextFile, contentFile } from "../context/context-file.ts";
import { imageKey } from "./image-definition.ts";

const key = (files: readonly ContextFile[], buildArgs = {}): string => imageKey({ files, buildArgs });
const one = contentFile("a", "1");
const two = contentFile("b", "2");

test("the key follows from the inputs, not from their order", () => {
  assert.match(key([one, two]), /^[0-9a-f]{12}$/);
  assert.equal(key([one, two]), key([two, one]));
  assert.equal(key([one], { A: "1", B: "2" }), key([one], { B: "2", A: "1" }));
});

test("every part of an input changes the key", () => {
  const changed = [
    key([one]),
    key([one, two], { A: "1" }),
    key([one, contentFile("b", "3")]),
    key([one, contentFile("c", "2")]),
    key([one, contentFile("b", "2", 0o755)]),
  ];
  assert.equal(new Set([key([one, two]), ...changed]).size, changed.length + 1);
});
