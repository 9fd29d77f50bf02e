import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode } from "@carrel/std";
import fc from "fast-check";
import { isInboxOf } from "./inbox.ts";
import { requestDeadline } from "./request-deadline.ts";
import { traceparentOrNew } from "./trace-context.ts";

const NOW = 1_800_000_000_000;
const limits = { defaultTimeoutMs: 10_000, maxTimeoutMs: 60_000, marginMs: 250 };

test("no header means the default, a far one the maximum", () => {
  assert.equal(requestDeadline(undefined, NOW, limits).deadlineMs, NOW + 10_000);
  assert.equal(requestDeadline(String(NOW + 3000), NOW, limits).deadlineMs, NOW + 3000);
  assert.equal(requestDeadline("999999999999999", NOW, limits).deadlineMs, NOW + 60_000);
});

test("a past deadline is EXPIRED, what is no number INVALID", () => {
  for (const past of [NOW, NOW - 1, 0])
    assert.throws(
      () => requestDeadline(String(past), NOW, limits),
      (error) => hasCode(error, "EXPIRED"),
    );
  for (const bad of ["", " ", "-1", "1e3", "soon", "1800000000000.5", "9".repeat(16), "0x10", "१२३"]) {
    assert.throws(
      () => requestDeadline(bad, NOW, limits),
      (error) => hasCode(error, "INVALID"),
      bad,
    );
  }
});

test("property: now < hurry < answer < deadline, however short", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000_000 }), (ms) => {
      const { hurryAtMs, answerAtMs, deadlineMs } = requestDeadline(String(NOW + ms), NOW, limits);
      assert.ok(NOW < hurryAtMs && hurryAtMs < answerAtMs && answerAtMs < deadlineMs);
      assert.ok(deadlineMs - hurryAtMs <= 2 * limits.marginMs);
    }),
  );
});

test("a trace context is kept when valid and replaced when not", () => {
  const given = `00-${"a1".repeat(16)}-${"b2".repeat(8)}-01`;
  assert.equal(traceparentOrNew(given), given);
  const bad = [
    undefined,
    "",
    "00-x-y-01",
    `00-${"0".repeat(32)}-${"b2".repeat(8)}-01`,
    `${given}\n`,
    given.toUpperCase(),
  ];
  for (const value of bad) {
    const made = traceparentOrNew(value);
    assert.match(made, /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    assert.notEqual(made, value);
  }
});

test("only inboxes of the tenant may be answered to", () => {
  for (const reply of ["_INBOX_acme.x", "_INBOX_acme.x.y", "_R_.abc"]) assert.ok(isInboxOf("acme", reply), reply);
  for (const reply of [
    "",
    "_INBOX.x",
    "_INBOX_acme",
    "_INBOX_acmeX.x",
    "_INBOX_globex.x",
    "$SYS.x",
    "carrel.v1.evt.acme.session.s.ready",
  ]) {
    assert.equal(isInboxOf("acme", reply), false, reply);
  }
});
