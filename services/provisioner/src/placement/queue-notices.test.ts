import assert from "node:assert/strict";
import { test } from "node:test";
import { QueueNotices } from "./queue-notices.ts";
import { StartRate } from "./start-rate.ts";

const line = (count: number, from = 0): { name: string }[] =>
  Array.from({ length: count }, (_, index) => ({ name: `s${from + index}` }));

/** Looks every second until everybody has been told once. */
function tellAll(notices: QueueNotices, count: number): void {
  for (let ms = 0; ms <= 5_000; ms += 1_000) notices.refresh(line(count), ms);
}

test("the front is told first, two hundred a second; exactly near the front and rounded further back", () => {
  const notices = new QueueNotices(new StartRate());
  assert.deepEqual(
    [0, 500, 1_500, 60_000].map((ms) => notices.refresh(line(700), ms).length),
    [200, 100, 200, 200],
  );
  assert.deepEqual(
    [0, 49, 50, 499, 500].map((index) => notices.of(`s${index}`)?.position),
    [1, 50, 60, 500, 600],
  );
});

test("nobody is told the same again, and nobody more often than every few seconds", () => {
  const notices = new QueueNotices(new StartRate());
  tellAll(notices, 100);
  assert.deepEqual(notices.refresh(line(100), 60_000), []);
  assert.deepEqual(notices.refresh(line(99, 1).slice(0, 19), 61_000).length, 19);
  assert.deepEqual(notices.refresh(line(98, 2).slice(0, 18), 62_000), []);
  assert.deepEqual(notices.refresh(line(98, 2).slice(0, 18), 64_000).length, 18);
});

test("a thousand that move cost twenty notices a second, however often one looks, the front first", () => {
  const notices = new QueueNotices(new StartRate());
  tellAll(notices, 1000);
  const looks = Array.from({ length: 10 }, (_, index) => notices.refresh(line(900, 100), 60_000 + index * 100));
  assert.deepEqual(
    looks[0],
    line(20, 100).map(({ name }) => name),
  );
  assert.equal(looks.flat().length, 20 + 18);
});

test("the estimate follows the pace, grows when nothing starts, and is told anew when it is far off", () => {
  const rate = new StartRate();
  const notices = new QueueNotices(rate);
  for (let i = 0; i <= 10; i++) rate.started(i * 2_000);
  assert.equal(rate.msPerStart(20_000), 2_000);
  assert.equal(rate.msPerStart(40_000), 4_000);
  notices.refresh(line(20), 20_000);
  assert.equal(notices.of("s19")?.startAtMs, 60_000);
  assert.deepEqual(notices.refresh(line(20), 23_000), []);
  assert.ok(notices.refresh(line(20), 60_000).includes("s19"));
  rate.reset();
  assert.equal(rate.msPerStart(60_000), undefined);
});

test("the estimate is within a quarter of the truth, at a pace that varies threefold from place to place", () => {
  for (let seed = 1; seed <= 50; seed++) {
    let random = seed;
    const intervalMs = (): number => {
      random = (random * 48_271) % 2_147_483_647;
      return 1_000 + (random % 2_000);
    };
    const rate = new StartRate();
    let nowMs = 0;
    for (let i = 0; i < 60; i++) rate.started((nowMs += intervalMs()));
    const toldMs = 40 * (rate.msPerStart(nowMs) ?? Number.NaN);
    let actualMs = 0;
    for (let i = 0; i < 40; i++) actualMs += intervalMs();
    assert.ok(Math.abs(toldMs - actualMs) <= actualMs / 4, `seed ${seed}: told ${toldMs}, was ${actualMs}`);
  }
});
