import assert from "node:assert/strict";
import { test } from "node:test";
import { QueueNotices } from "./queue-notices.ts";
import { StartRate } from "./start-rate.ts";

const line = (count: number, from = 0): { name: string }[] =>
  Array.from({ length: count }, (_, index) => ({ name: `s${from + index}` }));

test("everybody is told at once where they stand, exactly near the front and rounded further back", () => {
  const notices = new QueueNotices(new StartRate(), 10);
  assert.equal(notices.refresh(line(700), 0).length, 700);
  assert.deepEqual(
    [0, 49, 50, 499, 500].map((index) => notices.of(`s${index}`)?.position),
    [1, 50, 60, 500, 600],
  );
});

test("nobody is told the same again, and nobody more often than every few seconds", () => {
  const notices = new QueueNotices(new StartRate(), 1000);
  notices.refresh(line(100), 0);
  assert.deepEqual(notices.refresh(line(100), 60_000), []);
  assert.deepEqual(notices.refresh(line(99, 1), 61_000).length, 54, "49 near the front, five that crossed a ten");
  assert.deepEqual(notices.refresh(line(98, 2), 62_000), ["s51", "s61", "s71", "s81", "s91"]);
});

test("a thousand that move cost a bounded number of notices per look, the front first", () => {
  const notices = new QueueNotices(new StartRate(), 20);
  notices.refresh(line(1000), 0);
  const told = notices.refresh(line(900, 100), 60_000);
  assert.deepEqual(
    told,
    line(20, 100).map(({ name }) => name),
  );
});

test("the estimate follows the pace, grows when nothing starts, and is told anew when it is far off", () => {
  const rate = new StartRate();
  const notices = new QueueNotices(rate, 100);
  for (let i = 0; i <= 10; i++) rate.started(i * 2_000);
  assert.equal(rate.estimateMs(5, 20_000), 30_000);
  assert.equal(rate.estimateMs(5, 40_000), 60_000);
  notices.refresh(line(20), 20_000);
  assert.equal(notices.of("s19")?.startAtMs, 60_000);
  assert.deepEqual(notices.refresh(line(20), 23_000), []);
  assert.ok(notices.refresh(line(20), 60_000).includes("s19"));
  rate.reset();
  assert.equal(rate.estimateMs(1, 60_000), undefined);
});
