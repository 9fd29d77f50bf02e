import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ERROR_CODES, type ErrorCode } from "@carrel/api";
import type { Answer } from "../answer.ts";
import { planSettlement } from "./plan-settlement.ts";

const refusal = (code: ErrorCode, retryAfterMs?: number): Answer => ({
  error: {
    code,
    message: "x",
    retryable: ERROR_CODES[code].retryable,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  },
});

test("a body is answered, what cannot be retried is rejected", () => {
  const facts = { leftMs: 60_000, deliveryCount: 1, maxDeliver: 6 };
  assert.deepEqual(planSettlement({ ...facts, answer: { body: {} } }), { do: "answer" });
  for (const code of ["INVALID", "CONFLICT", "EXPIRED", "QUOTA", "FORBIDDEN", "NOT_FOUND", "FAILED"] as const) {
    assert.deepEqual(planSettlement({ ...facts, answer: refusal(code) }), { do: "reject" }, code);
  }
  assert.deepEqual(planSettlement({ ...facts, leftMs: undefined, answer: refusal("UNAVAILABLE") }), { do: "reject" });
});

test("the pauses grow, wait as long as was asked, and end before the deadline", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 0, max: 5000 }),
      (timeMs, maxDeliver, retryAfterMs) => {
        let leftMs = timeMs;
        let before = 0;
        for (let deliveryCount = 1; ; deliveryCount++) {
          const answer = refusal("NO_CAPACITY", retryAfterMs);
          const plan = planSettlement({ answer, leftMs, deliveryCount, maxDeliver });
          if (plan.do === "reject") {
            // Either no try is left, or no time.
            assert.ok(deliveryCount === maxDeliver || leftMs - 500 < Math.max(250, retryAfterMs));
            return;
          }
          assert.ok(plan.do === "retry" && deliveryCount < maxDeliver);
          assert.ok(plan.delayMs >= Math.max(250, retryAfterMs) && plan.delayMs <= leftMs - 499);
          assert.ok(plan.delayMs >= before - 2);
          before = plan.delayMs;
          leftMs -= plan.delayMs;
        }
      },
    ),
  );
});

test("with all tries left, the last one falls shortly before the deadline", () => {
  let leftMs = 900_000;
  const answer = refusal("UNAVAILABLE");
  for (let deliveryCount = 1; deliveryCount < 6; deliveryCount++) {
    const plan = planSettlement({ answer, leftMs, deliveryCount, maxDeliver: 6 });
    assert.equal(plan.do, "retry");
    leftMs -= plan.do === "retry" ? plan.delayMs : 0;
  }
  assert.ok(leftMs >= 499 && leftMs < 1000, String(leftMs));
});
