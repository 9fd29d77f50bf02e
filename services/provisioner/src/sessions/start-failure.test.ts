import assert from "node:assert/strict";
import { test } from "node:test";
import type { EndReason } from "@carrel/api";
import { aSession } from "@carrel/testkit";
import { startFailure } from "./start-failure.ts";

const ended = (reason: EndReason, readyAt?: string) =>
  aSession({
    spec: { end: { reason, at: "2026-01-01T00:00:00Z", by: "provisioner", message: "the cause" } },
    status: { phase: "Ended", endReason: reason, ...(readyAt === undefined ? {} : { readyAt }) },
  });

for (const [reason, code] of [
  ["Failed", "FAILED"],
  ["StartDeadlineExceeded", "FAILED"],
  ["CapExceeded", "QUOTA"],
  ["QueueDeadlineExceeded", "NO_CAPACITY"],
  ["EndedByUser", undefined],
  ["Expired", undefined],
] as const) {
  test(`${reason} before ready is ${code ?? "no error"}`, () => {
    const failure = startFailure(ended(reason));
    assert.equal(failure?.code, code);
    if (code !== undefined) assert.match(failure?.message ?? "", new RegExp(`${reason}: the cause`));
  });
}

test("a session that was ready and failed later is answered as what it is", () =>
  assert.equal(startFailure(ended("Failed", "2026-01-01T00:00:00Z")), undefined));
