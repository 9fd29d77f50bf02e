import assert from "node:assert/strict";
import { test } from "node:test";
import { RETRY_PACER_DEFAULTS, RetryPacer } from "./retry-pacer.ts";

function pacer(): RetryPacer {
  // The upper bound of the full jitter.
  return new RetryPacer({ ...RETRY_PACER_DEFAULTS, random: () => 1 });
}

test("failures back off from 0.8 s, doubled, to 30 s between their starts", () => {
  const paced = pacer();
  const delays = Array.from({ length: 8 }, () => paced.delayMs({ reason: "lost" }, 0));
  assert.deepEqual(delays, [800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
  assert.equal(paced.delayMs({ reason: "lost" }, 20_000), 10_000);
  assert.equal(paced.delayMs({ reason: "lost" }, 60_000), 800);
});

test("two quiet minutes start the back-off anew", () => {
  const paced = pacer();
  for (let i = 0; i < 6; i++) paced.delayMs({ reason: "lost" }, 0);
  assert.equal(paced.delayMs({ reason: "lost" }, 120_000), 800);
  assert.equal(paced.delayMs({ reason: "lost" }, 0), 1600);
});

test("the first 410 after an outage is answered soon, one 410 after the other is not", () => {
  const paced = pacer();
  for (let i = 0; i < 8; i++) paced.delayMs({ reason: "lost" }, 0);
  const delays = Array.from({ length: 3 }, () => paced.delayMs({ reason: "expired" }, 0));
  assert.deepEqual(delays, [800, 1600, 3200]);
});

test("a watch that ended in order is followed at once, unless it was short", () => {
  const paced = pacer();
  assert.equal(paced.delayMs({ reason: "closed" }, 300_000), 0);
  assert.equal(paced.delayMs({ reason: "closed" }, 0), 800);
  assert.equal(paced.delayMs({ reason: "closed" }, 0), 1600);
  assert.equal(paced.delayMs({ reason: "closed" }, 60_000), 0);
  assert.equal(paced.delayMs({ reason: "expired" }, 60_000), 800);
  assert.equal(paced.delayMs({ reason: "closed", askedForMs: 5000 }, 4900), 0);
  assert.equal(paced.delayMs({ reason: "closed", askedForMs: 5000 }, 2400), 800);
});

test("what the server asks for is a lower bound", () => {
  assert.equal(pacer().delayMs({ reason: "throttled", retryAfterMs: 7000 }, 5), 7000);
});

test("the jitter is full: from nothing to the whole delay", () => {
  const paced = new RetryPacer({ ...RETRY_PACER_DEFAULTS, random: () => 0 });
  assert.equal(paced.delayMs({ reason: "lost" }, 5), 0);
});
