import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "./clock.ts";

test("a sleep longer than an int32 timer does not fire at once", async () => {
  const controller = new AbortController();
  const sleeping = systemClock.sleep(30 * 86_400_000, controller.signal);
  const winner = await Promise.race([sleeping.then(() => "slept"), systemClock.sleep(20).then(() => "still asleep")]);
  controller.abort(new Error("enough"));
  assert.equal(winner, "still asleep");
  await assert.rejects(sleeping, /enough/);
});

test("an aborted sleep leaves no timer behind", async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  const controller = new AbortController();
  controller.abort(new Error("already"));
  await assert.rejects(systemClock.sleep(10_000, controller.signal), /already/);
  assert.ok(timers() <= before);
});

test("a loop of sleeps of 0 ms lets everybody else run", async () => {
  let turns = 0;
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Error("others ran")), 5);
  await assert.rejects(
    async () => {
      for (; turns < 100_000; turns++) await systemClock.sleep(0, stop.signal);
    },
    /others ran/,
    `${turns} turns and nobody else ran`,
  );
});
