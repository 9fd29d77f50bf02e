import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { hasCode } from "@carrel/std";
import { WatchDecoder, type WatchLine } from "./watch-decoder.ts";

/** Bytes of a real kube-apiserver 1.34: ADDED, MODIFIED, DELETED, BOOKMARK, and the 410 of a second watch. */
const STREAM = readFileSync(new URL("fixtures/watch.ndjson", import.meta.url));
const WHOLE = STREAM.toString("utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as WatchLine);

function decode(...chunks: readonly Buffer[]): WatchLine[] {
  const decoder = new WatchDecoder();
  const lines = chunks.flatMap((chunk) => decoder.push(chunk));
  decoder.end();
  return lines;
}

test("the captured stream is what the test needs: five kinds of lines, characters of one to four bytes", () => {
  assert.deepEqual(
    WHOLE.map((line) => line.type),
    ["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"],
  );
  assert.ok(STREAM.includes("🦊") && STREAM.includes("いろは") && STREAM.includes("ö"));
});

test("a stream cut at any byte decodes to the same lines", () => {
  for (let cut = 0; cut <= STREAM.length; cut++) {
    assert.deepEqual(decode(STREAM.subarray(0, cut), STREAM.subarray(cut)), WHOLE, `cut at byte ${cut}`);
  }
});

test("a stream that comes byte by byte decodes to the same lines", () => {
  assert.deepEqual(decode(...[...STREAM].map((byte) => Buffer.of(byte))), WHOLE);
});

test("a line is given as soon as it is complete", () => {
  const decoder = new WatchDecoder();
  const end = STREAM.indexOf("\n") + 1;
  assert.deepEqual(decoder.push(STREAM.subarray(0, end - 1)), []);
  assert.deepEqual(decoder.push(STREAM.subarray(end - 1, end)), [WHOLE[0]]);
});

test("a stream that ends inside a line is an error, one that ends after it is not", () => {
  for (const length of [1, STREAM.indexOf("\n"), STREAM.length - 1]) {
    assert.throws(
      () => decode(STREAM.subarray(0, length)),
      (error) => hasCode(error, "KUBE_BAD_ANSWER"),
      `${length} bytes`,
    );
  }
  assert.deepEqual(decode(), []);
});

test("what is no event is an error and never skipped; its bytes are not in the message", () => {
  for (const line of ["secret", '{"type":"ADDED"}', '{"object":{}}', '"ADDED"', "null", '{"type":1,"object":{}}']) {
    assert.throws(
      () => decode(Buffer.from(`${line}\n`)),
      (error: Error) => hasCode(error, "KUBE_BAD_ANSWER") && !error.message.includes(line),
      line,
    );
  }
});

test("a line may be as long as the limit and no longer, however it comes", () => {
  const line = JSON.stringify({ type: "ADDED", object: "x".repeat(70) });
  const bytes = Buffer.from(`${line}\n`);
  assert.equal(new WatchDecoder(line.length).push(bytes).length, 1);
  assert.throws(() => new WatchDecoder(line.length - 1).push(bytes));

  const endless = new WatchDecoder(100);
  assert.throws(() => {
    for (;;) endless.push(Buffer.alloc(10, "x"));
  }, /longer than 100 bytes/);
});
