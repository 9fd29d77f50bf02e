import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseClientMessage } from "./client-message.ts";
import { parseServerMessage, type ServerMessage } from "./server-message.ts";
import { isTerminalId } from "./terminal-id.ts";
import { terminalSize } from "./terminal-size.ts";

test("client messages: what is known is read, sizes are clamped to integers", () => {
  assert.deepEqual(parseClientMessage('{"type":"resize","cols":80,"rows":24}'), { type: "resize", cols: 80, rows: 24 });
  assert.deepEqual(parseClientMessage('{"type":"resize","cols":1e9,"rows":-3.5}'), {
    type: "resize",
    cols: 1000,
    rows: 1,
  });
  assert.deepEqual(parseClientMessage('{"type":"end","more":1}'), { type: "end" });
});

test("client messages: anything else is none", () => {
  for (const text of [
    "",
    "{",
    "null",
    "[]",
    "1",
    '{"type":"resize","cols":"80","rows":24}',
    '{"type":"resize"}',
    "{}",
  ]) {
    assert.equal(parseClientMessage(text), undefined, text);
  }
  fc.assert(
    fc.property(fc.json(), (text) => {
      const message = parseClientMessage(text);
      assert.ok(message === undefined || message.type === "resize" || message.type === "end");
    }),
  );
});

test("server messages survive the wire", () => {
  const messages: ServerMessage[] = [
    { type: "attached", id: "1", replayBytes: 12, resumed: true },
    { type: "exited", exitCode: 0, signal: 9 },
  ];
  for (const message of messages) assert.deepEqual(parseServerMessage(JSON.stringify(message)), message);
  for (const text of ["", "null", '{"type":"later"}', '{"type":"attached","id":"1","replayBytes":-1}']) {
    assert.equal(parseServerMessage(text), undefined, text);
  }
});

test("sizes", () => {
  assert.equal(terminalSize(Number.NaN, 24), undefined);
  assert.equal(terminalSize(80, Number.POSITIVE_INFINITY), undefined);
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
      const { cols, rows } = terminalSize(number, number) ?? assert.fail();
      assert.ok(Number.isInteger(cols) && cols >= 2 && cols <= 1000);
      assert.ok(Number.isInteger(rows) && rows >= 1 && rows <= 500);
    }),
  );
});

test("terminal ids", () => {
  for (const id of ["1", "web-2", "a".repeat(32)]) assert.ok(isTerminalId(id), id);
  for (const id of ["", "A", "a b", "../x", "a".repeat(33), "1\n"]) assert.ok(!isTerminalId(id), JSON.stringify(id));
});
