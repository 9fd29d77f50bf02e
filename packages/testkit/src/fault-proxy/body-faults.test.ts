import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { applyBodyFaults } from "./body-faults.ts";
import { type Fault, faults } from "./fault.ts";
import { Interruption } from "./interruption.ts";
import { seededRandom } from "./seeded-random.ts";

const signal = new AbortController().signal;

async function* source(chunks: readonly string[], pauseMs = 0): AsyncGenerator<Buffer> {
  for (const chunk of chunks) {
    if (pauseMs > 0) await sleep(pauseMs);
    yield Buffer.from(chunk, "latin1");
  }
}

/** What comes out, and how it ended. */
async function run(chunks: readonly string[], list: readonly Fault[], pauseMs = 0): Promise<[string, string]> {
  const out: Buffer[] = [];
  try {
    for await (const chunk of applyBodyFaults(source(chunks, pauseMs), list, seededRandom(3), signal)) out.push(chunk);
  } catch (error) {
    assert.ok(error instanceof Interruption, String(error));
    return [Buffer.concat(out).toString("latin1"), error.how];
  }
  return [Buffer.concat(out).toString("latin1"), "end"];
}

test("without faults of the body, bytes pass unchanged", async () => {
  assert.deepEqual(await run(["ab\n", "c", "\u00e9"], [faults.delay(1)]), ["ab\nc\u00e9", "end"]);
});

test("cut and freeze: exactly so many bytes, over any chunks", async () => {
  const chunks = ["abc", "", "defg", "h"];
  for (let bytes = 0; bytes <= 8; bytes++) {
    assert.deepEqual(await run(chunks, [faults.cut(bytes)]), ["abcdefgh".slice(0, bytes), "cut"]);
    assert.deepEqual(await run(chunks, [faults.freeze(bytes)]), ["abcdefgh".slice(0, bytes), "freeze"]);
  }
  assert.deepEqual(await run(chunks, [faults.cut(9)]), ["abcdefgh", "end"]);
});

test("lines are found over any chunks, also in the middle of a character", async () => {
  const text = Buffer.from('{"type":"ADDED","object":"é漢"}\n{"type":"BOOKMARK"}\n{"type":"DELETED"}\n').toString(
    "latin1",
  );
  for (let at = 1; at < text.length; at++) {
    const [out] = await run([text.slice(0, at), text.slice(at)], [faults.dropBookmarks()]);
    const decoded = Buffer.from(out, "latin1").toString();
    assert.equal(decoded, '{"type":"ADDED","object":"é漢"}\n{"type":"DELETED"}\n');
  }
});

test("gone: so many lines, then 410 Expired and the end", async () => {
  const [out, how] = await run(["1\n2\n3\n"], [faults.gone(2)]);
  const lines = out.trimEnd().split("\n");
  assert.deepEqual(lines.slice(0, 2), ["1", "2"]);
  const event = JSON.parse(lines[2] ?? "") as { type: string; object: { code: number; reason: string } };
  assert.deepEqual([event.type, event.object.code, event.object.reason], ["ERROR", 410, "Expired"]);
  assert.deepEqual([lines.length, how], [3, "end"]);
  assert.match((await run([], [faults.gone()]))[0], /"ERROR"/);
  assert.deepEqual(await run(["1\n"], [faults.gone(2)]), ["1\n", "end"]);
});

test("duplicate and reorder keep every line", async () => {
  assert.deepEqual(await run(["1\n2\n"], [faults.duplicateLines()]), ["1\n1\n2\n2\n", "end"]);
  assert.deepEqual(await run(["1\n2\n3\n4\n5\n"], [faults.reorderLines()]), ["2\n1\n4\n3\n5\n", "end"]);
  const many = Array.from({ length: 200 }, (_, index) => String(index));
  const [out] = await run([`${many.join("\n")}\n`], [faults.reorderLines(0.5)]);
  const seen = out.trimEnd().split("\n");
  assert.notDeepEqual(seen, many);
  assert.deepEqual(
    seen.toSorted((a, b) => Number(a) - Number(b)),
    many,
  );
});

test("a line does not wait for ever for the next one to change places with", async () => {
  assert.deepEqual(await run(["1\n", "2\n"], [faults.reorderLines()], 300), ["1\n2\n", "end"]);
});

test("delayed lines come in order, later, and do not wait for one another", async () => {
  const start = performance.now();
  const lines = Array.from({ length: 50 }, (_, index) => `${index}\n`);
  assert.deepEqual(await run(lines, [faults.delayLines(120)]), [lines.join(""), "end"]);
  const took = performance.now() - start;
  assert.ok(took >= 118 && took < 1000, `${took} ms`);
});

test("throttle keeps the rate", async () => {
  const start = performance.now();
  assert.deepEqual(await run(["x".repeat(2000)], [faults.throttle(10_000)]), ["x".repeat(2000), "end"]);
  const took = performance.now() - start;
  assert.ok(took >= 190 && took < 1500, `${took} ms`);
});
