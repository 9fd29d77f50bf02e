import assert from "node:assert/strict";
import { test } from "node:test";
import { lifetimeSchema } from "@carrel/api";
import { aSession } from "@carrel/testkit";
import { extensionMs, planExtension } from "./plan-extension.ts";

const MINUTE_MS = 60_000;
const lifetime = (given: object) => lifetimeSchema.parse(given);

for (const [given, minutes] of [
  [{ duration: "1h" }, 15],
  [{ duration: "10m" }, 5],
  [{ duration: "8h" }, 60],
  [{ duration: "1h", extension: "2m" }, 2],
] as const) {
  test(`one extension of ${JSON.stringify(given)} is ${minutes} minutes`, () =>
    assert.equal(extensionMs(lifetime(given)), minutes * MINUTE_MS));
}

test("on the last millisecond it can be extended, on the next it cannot", () => {
  const session = aSession({ status: { phase: "Ready" } });
  const endMs = Date.parse(session.spec.expiresAt);
  const plan = (nowMs: number): number => planExtension(session, lifetime({ duration: "1h" }), { nowMs });
  assert.equal(plan(endMs - 1), endMs + 15 * MINUTE_MS);
  assert.throws(() => plan(endMs), /has ended/);
});

test("an end that was asked for wins over an extension", () => {
  const end = { reason: "EndedByUser", at: new Date().toISOString(), by: "acme" } as const;
  const session = aSession({ spec: { end }, status: { phase: "Ready" } });
  const nowMs = Date.parse(session.spec.expiresAt) - 1;
  assert.throws(() => planExtension(session, lifetime({}), { nowMs }), /has ended/);
});
