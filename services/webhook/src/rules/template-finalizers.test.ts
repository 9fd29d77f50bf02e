import assert from "node:assert/strict";
import { test } from "node:test";
import { finalizers } from "./finalizers.ts";
import type { RuleContext } from "./rule.ts";

// Controllers copy them into the pods and claims that they make, and those then never go, nor does the namespace.
test("templates carry no finalizer that nobody removes", () => {
  const metadata = { finalizers: ["evil.example/stay"] };
  const of = (group: string, kind: string): RuleContext =>
    ({ request: { kind: { group, version: "v1", kind } } }) as unknown as RuleContext;
  const template = { metadata, spec: { containers: [] } };
  const job = { spec: { template } };
  assert.equal(finalizers.check({ spec: { template } }, of("apps", "Deployment")).length, 1);
  assert.equal(finalizers.check({ spec: { jobTemplate: job } }, of("batch", "CronJob")).length, 1);
  const claims = { spec: { template: { spec: { containers: [] } }, volumeClaimTemplates: [{ metadata }] } };
  assert.equal(finalizers.check(claims, of("apps", "StatefulSet")).length, 1);
});
