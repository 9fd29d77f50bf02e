import assert from "node:assert/strict";
import { test } from "node:test";
import { redactCreate } from "./redact-create.ts";

test("of a create stay template, user id and the names of the parameters", () => {
  const kept = redactCreate({
    template: "lab",
    user: { id: "ada", email: "ada@example.org", claims: { role: "x" } },
    parameters: { licence: "hunter2" },
    secret: "hunter2",
  });
  assert.deepEqual(kept, { template: "lab", user: { id: "ada" }, parameters: ["licence"] });
});

test("of what is no create nothing stays", () => {
  for (const body of [null, 1, "hunter2", ["hunter2"]]) assert.equal(redactCreate(body), undefined);
  assert.deepEqual(redactCreate({ template: ["hunter2"], user: "hunter2", parameters: "hunter2" }), {});
});
