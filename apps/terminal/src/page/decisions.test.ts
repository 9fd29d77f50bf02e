import assert from "node:assert/strict";
import { test } from "node:test";
import { CLOSE_CODES, END_REASONS } from "@carrel/api";
import { PROXY_CLOSE } from "../protocol/close-code.ts";
import { planAfterClose } from "./close-plan.ts";
import { endReasonText } from "./end-reason.ts";
import { waitingText } from "./reconnector.ts";
import { nextChangeMs, remainingTime } from "./remaining-time.ts";
import { isOver, readSessionStatus } from "./session-status.ts";
import { validSettings } from "./settings.ts";
import { keyTarget } from "./terminal-tabs.ts";

const half = (): number => 0.5;

test("close codes that end it", () => {
  assert.deepEqual(planAfterClose(4002, "Expired", 0, half), { action: "ended", reason: "Expired" });
  assert.deepEqual(planAfterClose(4001, "", 0, half), { action: "signed-out", forbidden: false });
  assert.deepEqual(planAfterClose(4003, "", 0, half), { action: "signed-out", forbidden: true });
  assert.deepEqual(planAfterClose(1000, "exited", 0, half), { action: "exited" });
  assert.equal(planAfterClose(4100, "", 0, half).action, "failed");
  assert.equal(planAfterClose(4101, "no bash", 0, half).action, "failed");
});

test("the proxy's close codes are those that Carrel publishes", () => {
  const { revoked, sessionEnded, accessLowered, renewalMissed } = CLOSE_CODES;
  assert.deepEqual(PROXY_CLOSE, {
    revoked: revoked.code,
    ended: sessionEnded.code,
    forbidden: accessLowered.code,
    renew: renewalMissed.code,
  });
});

test("all others reconnect, later and later, and ask the status from the third failure on", () => {
  for (const code of [1001, 1006, 1008, 1011, 1012, 1013, 1014, 4008, 4999]) {
    let last = 0;
    for (let attempt = 0; attempt < 12; attempt += 1) {
      const plan = planAfterClose(code, "", attempt, half);
      assert.ok(plan.action === "reconnect" && plan.delayMs <= 15_000);
      if (attempt > 1) assert.ok(plan.delayMs >= last);
      assert.equal(plan.askStatus, attempt >= 2 || code === 4008);
      last = plan.delayMs;
    }
  }
});

test("a restart spreads the first return over three seconds", () => {
  const delay = (random: number): unknown =>
    Reflect.get(
      planAfterClose(1012, "", 0, () => random),
      "delayMs",
    );
  assert.equal(delay(0), 0);
  assert.equal(delay(0.999), 2997);
});

test("status answers", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  assert.deepEqual(readSessionStatus(200, '{"phase":"Ready","expiresAt":"2026-01-01T00:10:00Z"}', now), {
    known: true,
    phase: "Ready",
    reason: "",
    message: "",
    expiresInMs: 600_000,
  });
  const ended = readSessionStatus(410, '{"phase":"Ended","reason":"Expired"}', now);
  assert.ok(isOver(ended) && ended.reason === "Expired");
  assert.ok(isOver(readSessionStatus(410, "<html>gone</html>", now)));
  assert.deepEqual(readSessionStatus(401, "", now), { known: false, why: "signed-out" });
  assert.deepEqual(readSessionStatus(403, "", now), { known: false, why: "forbidden" });
  assert.deepEqual(readSessionStatus(404, "not found\n", now), { known: false, why: "absent" });
  assert.deepEqual(readSessionStatus(200, "null", now), { known: false, why: "absent" });
  assert.deepEqual(readSessionStatus(502, "", now), { known: false, why: "unreachable" });
});

test("what is said while waiting", () => {
  const known = (phase: string, message = "") =>
    waitingText({ known: true, phase, reason: "", message, expiresInMs: undefined });
  assert.match(known("Queued"), /turn/);
  assert.match(known("Provisioning"), /starting/);
  assert.match(known("Ready"), /does not answer/);
  assert.equal(known("Queued", "Third in line."), "Third in line.");
  assert.match(waitingText({ known: false, why: "unreachable" }), /No connection/);
});

test("end reasons: each of Carrel's own has a text, others are shown", () => {
  for (const reason of Object.keys(END_REASONS)) assert.match(endReasonText(reason), /^[A-Z].* .*\.$/, reason);
  assert.equal(endReasonText("constructor"), "constructor");
  assert.equal(endReasonText(" maintenance tonight "), "maintenance tonight");
  assert.notEqual(endReasonText(""), "");
});

test("remaining time", () => {
  assert.deepEqual(remainingTime(-5), { text: "0 s left", tone: "last" });
  assert.deepEqual(remainingTime(119_999), { text: "119 s left", tone: "last" });
  assert.deepEqual(remainingTime(120_000), { text: "2 min left", tone: "soon" });
  assert.deepEqual(remainingTime(600_000), { text: "10 min left", tone: "calm" });
  assert.deepEqual(remainingTime(7_500_000), { text: "2 h 05 min left", tone: "calm" });
});

test("the text changes at the time that is named", () => {
  for (const ms of [1_500, 61_500, 121_500, 185_000, 4_000_123]) {
    assert.notEqual(remainingTime(ms).text, remainingTime(ms - nextChangeMs(ms)).text, String(ms));
  }
});

test("settings are kept in bounds, whatever was stored", () => {
  assert.deepEqual(validSettings({ fontSize: 500, screenReader: true }), { fontSize: 32, screenReader: true });
  assert.deepEqual(validSettings({ fontSize: "x", screenReader: 1 }), { fontSize: 14, screenReader: false });
  assert.deepEqual(validSettings(null), { fontSize: 14, screenReader: false });
});

test("keys in the row of tabs", () => {
  assert.equal(keyTarget("ArrowRight", 2, 3), 0);
  assert.equal(keyTarget("ArrowLeft", 0, 3), 2);
  assert.equal(keyTarget("Home", 2, 3), 0);
  assert.equal(keyTarget("End", 0, 3), 2);
  assert.equal(keyTarget("a", 0, 3), undefined);
});
