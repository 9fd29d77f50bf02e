import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { CarrelError } from "@carrel/std";
import { StatusError } from "../client/status-error.ts";
import { TransportError } from "../transport/transport-error.ts";
import type { Priority } from "../workqueue/priority.ts";
import { FakeClock } from "../workqueue/testing/fake-clock.ts";
import { Controller, type ControllerOptions } from "./controller.ts";
import type { Reconcile } from "./reconcile.ts";
import { TerminalError } from "./terminal-error.ts";
import type { Watch } from "./watching.ts";

interface Started {
  readonly controller: Controller;
  readonly clock: FakeClock;
  readonly stop: AbortController;
  readonly running: Promise<void>;
}

function start(t: TestContext, reconcile: Reconcile, options: Partial<ControllerOptions> = {}): Started {
  const clock = new FakeClock();
  const backoff = { baseMs: 5, maxMs: 60_000, jitter: 0 };
  const controller = new Controller({ name: "test", watches: [], clock, backoff, reconcile, ...options });
  const stop = new AbortController();
  const running = controller.run(stop.signal);
  t.after(async () => {
    stop.abort();
    await running;
  });
  return { controller, clock, stop, running };
}

test("a failed reconcile is retried with back-off until it succeeds, and then forgotten", async (t) => {
  const times: number[] = [];
  const failures: number[] = [];
  const { controller, clock } = start(t, (_key, _signal, context) => {
    times.push(clock.monotonic());
    failures.push(context.failures);
    if (times.length < 4) throw new Error("not yet");
  });
  controller.enqueue("a");
  await clock.advance(1000);
  assert.deepEqual(times, [0, 5, 15, 35]);
  assert.deepEqual(failures, [0, 1, 2, 3]);
  controller.enqueue("a");
  await clock.advance(1000);
  assert.deepEqual(failures.slice(4), [0]);
});

test("requeueAfterMs brings the key back at that time, and not before", async (t) => {
  const times: number[] = [];
  const { controller, clock } = start(t, async () => {
    times.push(clock.monotonic());
    return times.length === 1 ? { requeueAfterMs: 30_000 } : undefined;
  });
  controller.enqueue("a");
  await clock.advance(120_000);
  assert.deepEqual(times, [0, 30_000]);
});

test("a terminal error is not retried; the next event reconciles again", async (t) => {
  let runs = 0;
  const { controller, clock } = start(t, () => {
    runs++;
    throw new TerminalError("the template does not exist");
  });
  controller.enqueue("a");
  await clock.advance(600_000);
  assert.equal(runs, 1);
  controller.enqueue("a");
  await clock.advance(1);
  assert.equal(runs, 2);
});

test("an error that says when to come back is not retried earlier", async (t) => {
  const times: number[] = [];
  const { controller, clock } = start(t, () => {
    times.push(clock.monotonic());
    if (times.length === 1) throw new CarrelError("BUSY", "later", { retryable: true, retryAfterMs: 4000 });
  });
  controller.enqueue("a");
  await clock.advance(10_000);
  assert.deepEqual(times, [0, 4000]);
});

test("conflicts are retried like errors; a requeue time that is no number is a bug, not a busy loop", async (t) => {
  const times: number[] = [];
  const { controller, clock } = start(t, () => {
    times.push(clock.monotonic());
    if (times.length === 1) throw new StatusError(409, { reason: "Conflict" }, "PUT /x");
    return { requeueAfterMs: Number.NaN };
  });
  controller.enqueue("a");
  await clock.advance(40);
  assert.deepEqual(times, [0, 5, 15, 35]);
});

test("keys that find no API server wait together: one probes, the first answer lets all go on", async (t) => {
  let up = false;
  const attempts: number[] = [];
  const { controller, clock } = start(t, () => {
    attempts.push(clock.monotonic());
    if (!up) throw new TransportError("KUBE_UNREACHABLE", "refused", { sent: false });
  });
  for (let i = 0; i < 1000; i++) controller.enqueue(`key-${i}`);
  await clock.advance(60_000);
  const failed = attempts.length;
  assert.ok(failed > 1000 + 25 && failed < 1000 + 70, `${failed} attempts in a minute`);
  up = true;
  await clock.advance(2000);
  assert.equal(attempts.length, failed + 1000);
  await clock.advance(600_000);
  assert.equal(attempts.length, failed + 1000);

  // A second outage is probed quickly again.
  up = false;
  controller.enqueue("key-0");
  await clock.advance(1000);
  assert.ok(attempts.length - failed - 1000 >= 4);
});

test("as many keys at once as there are workers, never one key twice", async (t) => {
  const under = new Set<string>();
  let most = 0;
  const { controller, clock } = start(
    t,
    async (key, signal) => {
      assert.ok(!under.has(key));
      under.add(key);
      most = Math.max(most, under.size);
      await clock.sleep(100, signal);
      under.delete(key);
    },
    { concurrency: 3 },
  );
  for (let round = 0; round < 5; round++) {
    for (const key of ["a", "b", "c", "d", "e"]) controller.enqueue(key);
    await clock.advance(70);
  }
  await clock.advance(2000);
  assert.equal(most, 3);
  assert.equal(controller.depth, 0);
});

test("the signal aborts at the timeout, and the key is retried", async (t) => {
  let runs = 0;
  const { controller, clock } = start(
    t,
    async (_key, signal) => {
      if (runs++ === 0) await clock.sleep(3_600_000, signal);
    },
    { reconcileTimeoutMs: 5000 },
  );
  controller.enqueue("a");
  await clock.advance(4999);
  assert.equal(runs, 1);
  await clock.advance(10);
  assert.equal(runs, 2);
});

test("a reconcile that ignores its signal keeps its key, not its worker; enough of them make the controller sick", async (t) => {
  const release = Promise.withResolvers<void>();
  const seen: string[] = [];
  const { controller, clock } = start(
    t,
    async (key) => {
      seen.push(key);
      if (key === "stuck") await release.promise;
    },
    { concurrency: 1, reconcileTimeoutMs: 1000 },
  );
  controller.enqueue("stuck");
  await clock.advance(1);
  controller.enqueue("other");
  controller.enqueue("stuck");
  await clock.advance(10_000);
  assert.deepEqual(seen, ["stuck"]);
  await clock.advance(1000);
  assert.deepEqual(seen, ["stuck", "other"]);
  assert.equal(controller.isAlive(), false);
  release.resolve();
  await clock.advance(1);
  assert.deepEqual(seen, ["stuck", "other", "stuck"]);
  assert.equal(controller.isAlive(), true);
});

test("stopping aborts what is under way, drops what waits, and resolves when all is over", async (t) => {
  const ended: string[] = [];
  const { controller, clock, stop, running } = start(
    t,
    async (key, signal) => {
      await clock.sleep(1000, signal).catch(() => undefined);
      await clock.sleep(200);
      ended.push(key);
    },
    { concurrency: 1 },
  );
  controller.enqueue("a");
  controller.enqueue("b");
  await clock.advance(10);
  let stopped = false;
  void running.then(() => (stopped = true));
  stop.abort();
  await clock.advance(150);
  assert.equal(stopped, false);
  await clock.advance(100);
  assert.equal(stopped, true);
  assert.deepEqual(ended, ["a"]);
});

test("nothing is reconciled before the caches are complete", async (t) => {
  const synced = Promise.withResolvers<void>();
  const seen: string[] = [];
  const { clock } = start(t, (key) => void seen.push(key), { watches: [watchOf(["a"], synced.promise)] });
  await clock.advance(1000);
  assert.deepEqual(seen, []);
  synced.resolve();
  await clock.advance(1);
  assert.deepEqual(seen, ["a"]);
});

test("when the queue overflows, every key of the caches is reconciled all the same", async (t) => {
  const keys = Array.from({ length: 50 }, (_, i) => `key-${i}`);
  const seen = new Set<string>();
  const { clock } = start(
    t,
    async (key) => {
      await clock.sleep(1);
      seen.add(key);
    },
    { watches: [watchOf(keys)], queueLimit: 10, concurrency: 2 },
  );
  await clock.advance(1000);
  assert.equal(seen.size, 50);
});

function watchOf(keys: readonly string[], synced: Promise<void> = Promise.resolve()): Watch {
  return {
    waitForSync: () => synced,
    keys: () => keys,
    attach(enqueue: (key: string, priority: Priority) => void): Disposable {
      for (const key of keys) enqueue(key, "low");
      return { [Symbol.dispose]: () => undefined };
    },
  };
}
