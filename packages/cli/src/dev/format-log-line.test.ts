import assert from "node:assert/strict";
import { test } from "node:test";
import { formatLogLine } from "./format-log-line.ts";

test("a line of a service: time, message, its fields", () => {
  const line =
    '{"level":"info","time":"2026-11-24T08:40:01.123Z","service":"proxy","port":8080,"domain":"carrel.localhost","msg":"serving"}';
  assert.deepEqual(formatLogLine(line), {
    level: "info",
    text: "08:40:01.123  serving  port=8080  domain=carrel.localhost",
  });
});

test("an error keeps its code and its stack", () => {
  const err = { name: "StatusError", code: "KUBE_FORBIDDEN", message: "no", stack: "StatusError: no\n    at x.ts:1" };
  const { level, text } = formatLogLine(JSON.stringify({ level: "error", msg: "reconcile failed", name: "w1", err }));
  assert.equal(level, "error");
  assert.equal(text, "reconcile failed  name=w1  [KUBE_FORBIDDEN] StatusError: no\n    at x.ts:1");
});

test("what is no JSON object stays as it is", () => {
  for (const line of ["", "Restarting 'src/main.ts'", "{ not json", "[1]"])
    assert.deepEqual(formatLogLine(line), { level: "text", text: line });
});

test("a line without time or with a strange level is printed all the same", () => {
  assert.deepEqual(formatLogLine('{"msg":"x","time":"never","level":35}'), { level: "info", text: "x" });
});
