import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { acquireExclusiveLock } from "./exclusive-lock.ts";

const name = (): string => `test-${process.pid}-${Math.random()}`;

test("one holder at a time, in any number of waiters", async () => {
  const lock = name();
  let [inside, most, entered] = [0, 0, 0];
  const enter = async (): Promise<void> => {
    await using _held = await acquireExclusiveLock(lock);
    most = Math.max(most, ++inside);
    entered++;
    await new Promise((resolve) => setTimeout(resolve, 5));
    inside--;
  };
  await Promise.all(Array.from({ length: 8 }, enter));
  assert.deepEqual({ most, entered }, { most: 1, entered: 8 });
});

test("the lock of a killed process is free, and who waits for it gets it", async (t) => {
  const lock = name();
  const module = fileURLToPath(new URL("exclusive-lock.ts", import.meta.url));
  const script = `
    const { acquireExclusiveLock } = await import(${JSON.stringify(module)});
    await acquireExclusiveLock(${JSON.stringify(lock)});
    console.log("held");
    setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => holder.kill("SIGKILL"));
  await once(holder.stdout, "data");
  let waited = 0;
  const waiting = acquireExclusiveLock(lock, {
    onWait: () => {
      waited++;
      holder.kill("SIGKILL");
    },
  });
  await using _held = await waiting;
  assert.equal(waited, 1);
});

test("who waits can give up", async () => {
  const lock = name();
  await using _held = await acquireExclusiveLock(lock);
  const controller = new AbortController();
  const waiting = acquireExclusiveLock(lock, {
    signal: controller.signal,
    onWait: () => setTimeout(() => controller.abort(new Error("enough")), 5),
  });
  await assert.rejects(waiting, /enough/);
});
