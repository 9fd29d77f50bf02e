import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode } from "@carrel/std";
import { eventually } from "./eventually.ts";

test("gives the value of the first try that does not throw", async () => {
  let tries = 0;
  const value = await eventually(
    () => {
      tries++;
      assert.equal(tries, 4);
      return "there";
    },
    { everyMs: 1 },
  );
  assert.equal(value, "there");
  assert.equal(tries, 4);
});

test("the last error is the message and the cause", async () => {
  let tries = 0;
  const failing = eventually(
    () => {
      throw new Error(`seen ${++tries} of 1000`);
    },
    { timeoutMs: 60, everyMs: 5 },
  );
  await assert.rejects(failing, (error: Error) => {
    assert.ok(hasCode(error, "DEADLINE"));
    assert.match(error.message, new RegExp(`after 60 ms \\(${tries} tries\\); the last error: seen ${tries} of 1000`));
    assert.equal((error.cause as Error).message, `seen ${tries} of 1000`);
    return true;
  });
  assert.ok(tries > 1);
});

test("a try that hangs ends at the deadline, and the error before it is told", async () => {
  let tries = 0;
  let sawAbort = false;
  const hanging = eventually(
    (signal) => {
      if (++tries === 1) throw new Error("not yet");
      signal.addEventListener("abort", () => (sawAbort = true));
      return new Promise<never>(() => undefined);
    },
    { timeoutMs: 80, everyMs: 1 },
  );
  const keepAlive = setTimeout(() => undefined, 5000);
  await assert.rejects(hanging, /the last error: not yet/);
  clearTimeout(keepAlive);
  assert.equal(sawAbort, true);
});

test("an aborted signal ends it at once with the signal's reason", async () => {
  const controller = new AbortController();
  const waiting = eventually(() => assert.fail("never"), { timeoutMs: 60_000, signal: controller.signal });
  setTimeout(() => controller.abort(new Error("enough")), 20);
  await assert.rejects(waiting, /^Error: enough$/);
});
