import assert from "node:assert/strict";
import { test } from "node:test";
import { tenant } from "./tenant.ts";

for (const args of [
  ["suspend", "acme", "--weight", "3"],
  ["get", "acme", "--max-sessions", "1"],
  ["set", "acme", "--max-sessions", "many"],
  ["create"],
  ["delete", "acme", "globex"],
]) {
  test(`tenant ${args.join(" ")} is typed wrong, and nothing is done`, () =>
    assert.rejects(tenant.run({ args, signal: AbortSignal.abort(new Error("asked the cluster")) }), { code: "USAGE" }));
}
