import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "@carrel/std";
import fc from "fast-check";
import { ExpiryTimer } from "./expiry-timer.ts";

/** A clock that moves when it is told to. */
class ManualClock implements Clock {
  nowMs = 1_000_000;
  #sleeps: { atMs: number; resolve: () => void; reject: (error: Error) => void }[] = [];
  now = (): number => this.nowMs;
  monotonic = (): number => this.nowMs;
  sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const sleep = { atMs: this.nowMs + ms, resolve, reject };
      this.#sleeps.push(sleep);
      signal?.addEventListener("abort", () => {
        this.#sleeps = this.#sleeps.filter((other) => other !== sleep);
        reject(signal.reason as Error);
      });
    });
  get sleeping(): number {
    return this.#sleeps.length;
  }
  async advanceTo(ms: number): Promise<void> {
    for (;;) {
      const next = this.#sleeps.toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > ms) break;
      this.nowMs = Math.max(this.nowMs, next.atMs);
      this.#sleeps = this.#sleeps.filter((other) => other !== next);
      next.resolve();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.nowMs = ms;
  }
}

test("each session is due once, in order, never early, with one sleep for all", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 40 }), async (times) => {
      const clock = new ManualClock();
      const startMs = clock.nowMs;
      const due: { session: string; atMs: number }[] = [];
      using timer = new ExpiryTimer({ clock, onDue: (session) => due.push({ session, atMs: clock.nowMs }) });
      times.forEach((ms, index) => timer.set(`s${index}`, startMs + ms));
      assert.equal(clock.sleeping, 1);
      await clock.advanceTo(startMs + 100_001);
      assert.equal(due.length, times.length);
      for (const { session, atMs } of due) assert.equal(atMs, startMs + (times[Number(session.slice(1))] ?? -1));
      assert.equal(timer.size, 0);
    }),
    { numRuns: 50 },
  );
});

test("an earlier time wins, a later one changes nothing", async () => {
  const clock = new ManualClock();
  const startMs = clock.nowMs;
  const due: number[] = [];
  using timer = new ExpiryTimer({ clock, onDue: () => due.push(clock.nowMs - startMs) });
  timer.set("a", startMs + 5000);
  timer.set("a", startMs + 9000);
  timer.set("a", startMs + 2000);
  await clock.advanceTo(startMs + 20_000);
  assert.deepEqual(due, [2000]);
});

test("whoever is due may set the same session again", async () => {
  const clock = new ManualClock();
  const startMs = clock.nowMs;
  const due: number[] = [];
  using timer: ExpiryTimer = new ExpiryTimer({
    clock,
    onDue: (session) => {
      due.push(clock.nowMs - startMs);
      if (due.length === 1) timer.set(session, startMs + 70_000);
    },
  });
  timer.set("a", startMs + 10);
  await clock.advanceTo(startMs + 100_000);
  assert.deepEqual(due, [10, 70_000]);
});

test("a disposed timer leaves no sleep behind", () => {
  const clock = new ManualClock();
  const timer = new ExpiryTimer({ clock, onDue: () => assert.fail("disposed") });
  timer.set("a", clock.nowMs + 10);
  timer[Symbol.dispose]();
  assert.equal(clock.sleeping, 0);
  timer.set("b", clock.nowMs + 10);
  assert.equal(clock.sleeping, 0);
});
