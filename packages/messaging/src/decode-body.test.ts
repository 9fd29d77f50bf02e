import assert from "node:assert/strict";
import { test } from "node:test";
import { createRequestSchema } from "@carrel/api";
import { hasCode } from "@carrel/std";
import { decodeBody } from "./decode-body.ts";

const MAX = 4096;

function problem(body: string | Uint8Array): string {
  try {
    decodeBody(typeof body === "string" ? Buffer.from(body) : body, createRequestSchema, MAX);
  } catch (error) {
    assert.ok(hasCode(error, "INVALID"), String(error));
    assert.equal(error.retryable, false);
    return error.message;
  }
  return assert.fail("accepted");
}

test("a valid body, with the schema's defaults", () => {
  const body = decodeBody(Buffer.from('{"template":"lab","user":{"id":"u1"}}'), createRequestSchema, MAX);
  assert.deepEqual(body, { template: "lab", user: { id: "u1" }, parameters: {}, wait: "ready" });
});

test("every problem is named, in one message", () => {
  const message = problem('{"template":"Not A Name","user":{"id":"","extra":1},"wait":"later","typo":true}');
  for (const part of [
    /template: /,
    /user\.id: /,
    /unknown field user\.extra/,
    /wait: .*"ready"\|"accepted"/,
    /unknown field typo/,
  ]) {
    assert.match(message, part);
  }
});

test("what is not a JSON object in UTF-8 is refused without quoting it", () => {
  assert.match(problem(""), /empty/);
  assert.match(problem("  \n"), /empty/);
  assert.equal(problem('{"password":"hunter2",}'), "the body is not JSON");
  assert.equal(problem(Uint8Array.of(0x22, 0xff, 0x22)), "the body is not UTF-8");
  for (const body of ["null", "[]", "1", '"x"']) assert.match(problem(body), /^the body: /, body);
});

test("too many bytes, too much nesting, too many problems: short messages, no crash", () => {
  assert.equal(problem(`"${"x".repeat(MAX)}"`), "the body has 4098 bytes; at most 4096 are taken");
  assert.match(problem("[".repeat(2000) + "]".repeat(2000)), /^the body: /);
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`field${index}${"y".repeat(10)}`, 0]));
  const message = problem(JSON.stringify({ template: "lab", user: { id: "u" }, ...many }));
  assert.match(message, /; and 50 more$/);
  assert.ok(problem(JSON.stringify({ ["k".repeat(3000)]: 1 })).length < 400);
});

test("keys of Object.prototype are fields like others", () => {
  assert.match(
    problem('{"template":"lab","user":{"id":"u"},"__proto__":{"wait":"accepted"}}'),
    /unknown field __proto__/,
  );
  assert.match(problem('{"template":"lab","user":{"id":"u"},"constructor":1}'), /unknown field constructor/);
});
