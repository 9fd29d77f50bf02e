import assert from "node:assert/strict";
import { test } from "node:test";
import { renderDeadLetter, type DeadLetterFacts } from "./dead-letter.ts";

const facts: DeadLetterFacts = {
  subject: "carrel.v1.req.acme.session.create.async",
  tenant: "acme",
  requestId: "r",
  error: { code: "FAILED", message: "x", retryable: false },
  deliveryCount: 1,
  sequence: 7,
  atMs: 0,
  headers: {
    "idempotency-key": "hush",
    authorization: "hush",
    "nats-msg-id": "hush",
    deadline: "1",
    "reply-to": "_INBOX_acme.x",
    traceparent: "t",
  },
  payload: new TextEncoder().encode('{"parameters":{"token":"hush"}}'),
};

test("of the headers a dead letter keeps those of the contract, but not the key of the request's digest", () => {
  const letter = renderDeadLetter(facts, () => undefined);
  assert.deepEqual(letter.headers, { deadline: "1", "reply-to": "_INBOX_acme.x", traceparent: "t" });
  assert.ok(!JSON.stringify(letter).includes("hush"));
});
