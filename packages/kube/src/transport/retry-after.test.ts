import assert from "node:assert/strict";
import { test } from "node:test";
import { retryAfterMs } from "./retry-after.ts";

const NOW = Date.UTC(2026, 0, 1);

function wait(status: number, header: string | undefined, random = 0): number | undefined {
  return retryAfterMs({ status, headers: header === undefined ? {} : { "retry-after": header } }, NOW, () => random);
}

test("429 and 503 with Retry-After are waited for, with up to as much again at random", () => {
  assert.equal(wait(429, "2"), 2000);
  assert.equal(wait(503, "2", 0.5), 3000);
  assert.equal(wait(429, new Date(NOW + 4000).toUTCString()), 4000);
});

test("nothing else is", () => {
  for (const status of [200, 401, 404, 409, 410, 422, 500, 502, 504]) assert.equal(wait(status, "1"), undefined);
  for (const header of [undefined, "", "soon", "-1", "1.5", "tomorrow GMT"]) assert.equal(wait(429, header), undefined);
});

test("0 is never a hot loop, and no answer holds a client for an hour", () => {
  assert.equal(wait(429, "0", 0.5), 50);
  assert.equal(wait(503, "86400"), 60_000);
  assert.equal(wait(429, new Date(NOW - 60_000).toUTCString()), 0);
});
