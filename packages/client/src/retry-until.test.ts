import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "@carrel/api";
import type { Clock } from "@carrel/std";
import { hasCode } from "@carrel/std";
import fc from "fast-check";
import { retryUntil } from "./retry-until.ts";

/** Time that only passes in sleeps and by `pass`. */
function testClock(): Clock & { pass(ms: number): void } {
  let time = 1_000_000;
  return {
    now: () => time,
    monotonic: () => time,
    pass: (ms) => void (time += ms),
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      time += ms;
    },
  };
}

test("what no retry can cure is thrown at once", async () => {
  const clock = testClock();
  let calls = 0;
  const refused = retryUntil(async () => (calls++, Promise.reject(new ApiError("QUOTA", "full"))), {
    deadlineMs: clock.now() + 9000,
    attemptMs: 1000,
    clock,
  });
  await assert.rejects(refused, (error) => hasCode(error, "QUOTA"));
  await assert.rejects(
    retryUntil(() => Promise.reject(new TypeError("bug")), { deadlineMs: clock.now() + 9000, attemptMs: 1000, clock }),
    TypeError,
  );
  assert.equal(calls, 1);
});

test("pauses grow, have jitter, and are never shorter than what the other side asked for", async () => {
  const clock = testClock();
  const at: number[] = [];
  const failing = retryUntil(
    async () => {
      at.push(clock.now());
      throw new ApiError("UNAVAILABLE", "busy", { retryAfterMs: 500 });
    },
    { deadlineMs: clock.now() + 10_000, attemptMs: 1000, clock, random: () => 1 },
  );
  await assert.rejects(failing, (error) => hasCode(error, "UNAVAILABLE"));
  const pauses = at.slice(1).map((time, index) => time - (at[index] ?? 0));
  assert.deepEqual(pauses.slice(0, 4), [600, 700, 900, 1300]);
});

test("a slow `not yet` is asked again at once, a quick one after a pause", async () => {
  const clock = testClock();
  const start = clock.now();
  const took: number[] = [];
  const answer = await retryUntil(
    async (timeoutMs) => {
      took.push(clock.now() - start);
      if (took.length === 1) clock.pass(timeoutMs - 100);
      return took.length === 3 ? "there" : undefined;
    },
    { deadlineMs: start + 10_000, attemptMs: 1000, clock, random: () => 1 },
  );
  assert.equal(answer, "there");
  assert.deepEqual(took, [0, 900, 1100]);
});

test("property: no attempt goes past the deadline, and it ends by it", async () => {
  const outcome = fc.record({
    tookMs: fc.integer({ min: 0, max: 3000 }),
    fails: fc.boolean(),
    retryAfterMs: fc.option(fc.integer({ min: 0, max: 4000 })),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: -10, max: 20_000 }),
      fc.infiniteStream(outcome),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      async (budgetMs, outcomes, random) => {
        const clock = testClock();
        const deadlineMs = clock.now() + budgetMs;
        await assert.rejects(
          retryUntil(
            async (timeoutMs) => {
              assert.ok(timeoutMs > 0 && clock.now() + timeoutMs <= deadlineMs && timeoutMs <= 2000);
              const { value } = outcomes.next();
              clock.pass(Math.min(value.tookMs, timeoutMs));
              if (!value.fails) return undefined;
              throw new ApiError(
                "NO_CAPACITY",
                "full",
                value.retryAfterMs === null ? {} : { retryAfterMs: value.retryAfterMs },
              );
            },
            { deadlineMs, attemptMs: 2000, clock, random: () => random },
          ),
          ApiError,
        );
        assert.ok(clock.now() <= Math.max(deadlineMs, 1_000_000));
      },
    ),
  );
});

test("an abort ends it with its reason", async () => {
  const clock = testClock();
  const controller = new AbortController();
  const reason = new Error("enough");
  const aborted = retryUntil(async () => (controller.abort(reason), undefined), {
    deadlineMs: clock.now() + 9000,
    attemptMs: 1000,
    clock,
    signal: controller.signal,
  });
  await assert.rejects(aborted, (error) => error === reason);
});
