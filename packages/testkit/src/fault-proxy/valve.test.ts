import assert from "node:assert/strict";
import { test } from "node:test";
import { Valve } from "./valve.ts";

test("a closed valve holds until it is opened, or the signal aborts", async () => {
  const valve = new Valve();
  const controller = new AbortController();
  const passed: string[] = [];
  await valve.pass(controller.signal);
  valve.close();
  valve.close();
  const first = valve.pass(new AbortController().signal).then(() => passed.push("opened"));
  const second = valve.pass(controller.signal).then(() => passed.push("aborted"));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(passed, []);
  controller.abort();
  await second;
  assert.deepEqual(passed, ["aborted"]);
  valve.open();
  await first;
  assert.deepEqual(passed, ["aborted", "opened"]);
});
