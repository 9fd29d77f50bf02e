import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode } from "@carrel/std";
import { FakeClock } from "./testing/fake-clock.ts";
import { WorkQueue } from "./work-queue.ts";

function makeQueue(options: Partial<ConstructorParameters<typeof WorkQueue>[0]> = {}): [WorkQueue, FakeClock] {
  const clock = new FakeClock();
  const backoff = { baseMs: 5, maxMs: 60_000, jitter: 0 };
  return [new WorkQueue({ name: "test", clock, backoff, ...options }), clock];
}

test("a key added many times is handed out once", async () => {
  const [queue] = makeQueue();
  for (let i = 0; i < 5; i++) queue.add("a");
  queue.add("b");
  assert.equal(await queue.get(), "a");
  assert.equal(await queue.get(), "b");
  assert.equal(queue.depth, 0);
});

test("a key added while it is held is handed out again, but only after done", async () => {
  const [queue] = makeQueue();
  queue.add("a");
  await queue.get();
  queue.add("a");
  assert.equal(queue.depth, 0);
  queue.done("a");
  assert.equal(await queue.get(), "a");
});

test("whoever waits gets the key at once; an aborted wait takes none with it", async () => {
  const [queue] = makeQueue();
  const abort = new AbortController();
  const aborted = queue.get(abort.signal);
  const waiting = queue.get();
  abort.abort(new Error("enough"));
  await assert.rejects(aborted, /enough/);
  queue.add("a");
  assert.equal(await waiting, "a");
  await assert.rejects(queue.get(abort.signal), /enough/);
});

test("more urgent keys go first, a second add can make a key more urgent, a flood starves nobody", async () => {
  const [queue] = makeQueue();
  queue.add("resync", "low");
  queue.add("plain");
  queue.add("deletion", "high");
  queue.add("human", "low");
  queue.add("human", "high");
  queue.add("deletion", "low");
  const order = [await queue.get(), await queue.get(), await queue.get(), await queue.get()];
  assert.deepEqual(order, ["deletion", "human", "plain", "resync"]);

  queue.add("patient", "low");
  for (let i = 0; i < 100; i++) queue.add(`flood-${i}`, "high");
  const taken: (string | undefined)[] = [];
  while (!taken.includes("patient")) taken.push(await queue.get());
  assert.ok(taken.length <= 16, `after ${taken.length}`);
});

test("of several delayed adds the earliest is due, and it is one", async () => {
  const [queue, clock] = makeQueue();
  queue.addAfter("a", 1000);
  queue.addAfter("a", 300);
  queue.addAfter("a", 5000);
  await clock.advance(299);
  assert.equal(queue.depth, 0);
  await clock.advance(1);
  assert.equal(await queue.get(), "a");
  queue.done("a");
  await clock.advance(10_000);
  assert.equal(queue.depth, 0);
  assert.equal(queue.size, 0);
});

test("many delayed keys come in the order of their times, with a delay beyond any timer among them", async () => {
  const [queue, clock] = makeQueue();
  const delays = [700, 50, 900, 300, 10, 800, 20, 600];
  for (const delay of delays) queue.addAfter(String(delay), delay);
  queue.addAfter("years", 400 * 86_400_000);
  const seen: number[] = [];
  for (let i = 0; i < delays.length; i++) {
    const waiting = queue.get();
    await clock.advance(900);
    seen.push(Number(await waiting));
  }
  assert.deepEqual(
    seen,
    delays.toSorted((a, b) => a - b),
  );
  assert.equal(queue.size, delays.length + 1);
});

test("retries wait for the key's own back-off: 5 ms doubled up to 60 s; forget starts anew", async () => {
  const [queue] = makeQueue();
  const delays = Array.from({ length: 16 }, () => queue.addRateLimited("a"));
  assert.deepEqual(delays.slice(0, 4), [5, 10, 20, 40]);
  assert.equal(delays.at(-1), 60_000);
  assert.equal(queue.failures("a"), 16);
  queue.forget("a");
  assert.equal(queue.addRateLimited("a"), 5);
  assert.equal(queue.addRateLimited("a", 9000), 9000);
});

test("all retries together: a hundred at once, then ten a second; first adds are not limited", async () => {
  const [queue, clock] = makeQueue();
  for (let i = 0; i < 150; i++) queue.addRateLimited(`key-${i}`);
  for (let i = 0; i < 500; i++) queue.add(`first-${i}`);
  assert.equal(queue.depth, 500);
  await clock.advance(99);
  assert.equal(queue.depth, 600);
  await clock.advance(1000);
  assert.equal(queue.depth, 610);
  await clock.advance(4000);
  assert.equal(queue.depth, 650);
});

test("the limit counts distinct keys; what is in the queue is never refused; the owner hears of what is", async () => {
  let overflows = 0;
  const [queue] = makeQueue({ limit: 3, onOverflow: () => overflows++ });
  queue.add("held");
  await queue.get();
  queue.add("ready");
  queue.addAfter("delayed", 1000);
  queue.add("fourth");
  queue.addAfter("fifth", 10);
  assert.equal(overflows, 2);
  queue.add("held");
  queue.add("delayed");
  queue.addRateLimited("ready");
  assert.equal(overflows, 2);
  assert.equal(queue.size, 3);
});

test("shutdown with drain hands out what is ready, and what a holder wants again; then nothing", async () => {
  const [queue, clock] = makeQueue();
  queue.add("a");
  queue.add("b");
  queue.addAfter("later", 50);
  assert.equal(await queue.get(), "a");
  queue.add("a");
  queue.shutdown("drain");
  queue.add("c");
  let drained = false;
  void queue.drained().then(() => (drained = true));
  assert.equal(await queue.get(), "b");
  queue.done("b");
  assert.equal(await queue.get(), undefined);
  queue.done("a");
  assert.equal(await queue.get(), "a");
  await clock.advance(100);
  assert.equal(drained, false);
  queue.done("a");
  await queue.drained();
  assert.equal(queue.size, 0);
  assert.equal(clock.sleeping, 0);
});

test("shutdown with discard tells those who wait, and waits for those who hold", async () => {
  const [queue] = makeQueue();
  queue.add("a");
  await queue.get();
  const waiting = queue.get();
  queue.add("a");
  queue.shutdown("discard");
  assert.equal(await waiting, undefined);
  await assert.rejects(queue.drained(AbortSignal.timeout(20)), { name: "TimeoutError" });
  queue.done("a");
  await queue.drained();
  assert.equal(await queue.get(), undefined);
});

test("done for a key that nobody holds is an error", () => {
  const [queue] = makeQueue();
  queue.add("a");
  assert.throws(
    () => queue.done("a"),
    (error) => hasCode(error, "QUEUE_NOT_HELD"),
  );
});

test("a hundred thousand keys go through in well under a second", async () => {
  const [queue] = makeQueue({ limit: 200_000 });
  const startedMs = performance.now();
  for (let i = 0; i < 100_000; i++) queue.add(String(i), i % 3 === 0 ? "low" : "normal");
  for (let i = 0; i < 100_000; i++) {
    const key = await queue.get();
    assert.ok(key !== undefined);
    queue.done(key);
  }
  assert.equal(queue.size, 0);
  // Generous: a line that walks over holes is quadratic and takes minutes.
  assert.ok(performance.now() - startedMs < 5000);
});
