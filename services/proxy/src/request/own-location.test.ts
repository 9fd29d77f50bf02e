import assert from "node:assert/strict";
import { test } from "node:test";
import { ownLocation } from "./raw-query.ts";

// Browsers drop tabs and line ends from a URL before they read it (WHATWG URL, "basic URL parser", step 3).
for (const target of ["/\t/evil.example/x", "/\t\\evil.example", "\t//evil.example", "/\n/evil.example"]) {
  test(`a Location of our own host stays there: ${JSON.stringify(target)}`, () => {
    assert.equal(new URL(ownLocation(target), "http://own.example/").host, "own.example");
  });
}
