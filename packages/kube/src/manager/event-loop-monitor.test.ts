import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock, type Clock } from "@carrel/std";
import { FakeClock } from "../workqueue/testing/fake-clock.ts";
import { EventLoopMonitor } from "./event-loop-monitor.ts";

test("a blocked loop shows as delay", async () => {
  const monitor = new EventLoopMonitor(systemClock);
  const stop = new AbortController();
  const running = monitor.run(stop.signal);
  await systemClock.sleep(20);
  const untilMs = performance.now() + 900;
  while (performance.now() < untilMs);
  await systemClock.sleep(30);
  assert.ok(monitor.maxDelayMs() >= 300 && monitor.maxDelayMs() < 5000, `${monitor.maxDelayMs()}`);
  assert.equal(monitor.isAlive(), true);
  stop.abort();
  await running;
});

test("one long pause is survived, a loop that is late every time is not alive", async () => {
  let extraMs = 30_000;
  const clock = new FakeClock();
  const late: Clock = { ...lateBy(clock, () => extraMs) };
  const monitor = new EventLoopMonitor(late);
  const stop = new AbortController();
  const running = monitor.run(stop.signal);
  await clock.advance(30_400);
  extraMs = 0;
  await clock.advance(4000);
  assert.equal(monitor.isAlive(), true);
  extraMs = 3000;
  await clock.advance(25_000);
  assert.equal(monitor.isAlive(), false);
  stop.abort();
  await running;
});

function lateBy(clock: FakeClock, extraMs: () => number): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) => clock.sleep(ms + extraMs(), signal),
  };
}
