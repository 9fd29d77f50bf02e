import assert from "node:assert/strict";
import { test } from "node:test";
import { LABELS, WORKSPACE_FINALIZER, workspaceSpecSchema } from "@carrel/api";
import { aSession, aSessionTemplate, stored } from "@carrel/testkit";
import { planClaim, planSpare, planWorkspace } from "./plan-workspace.ts";

const NOW = Date.parse("2026-01-01T12:00:00Z");
const cluster = {
  ingress: { domain: "x.test", scheme: "https", port: 443 },
  clusterDomain: "cluster.local",
  values: { registry: "r" },
} as const;
const urls = {
  endpoint: (session: string, name: string) => ({ host: `${name}.${session}`, url: `https://${name}.${session}/` }),
};
const template = stored(aSessionTemplate());
const session = stored(aSession({ nowMs: NOW, spec: { parameters: { size: "3" } } }));

test("a spare goes with its template, and knows nothing of a session", () => {
  const { metadata, spec } = planSpare("w1", template, cluster);
  assert.deepEqual(metadata.labels?.[LABELS.pool], template.metadata.name);
  assert.deepEqual(
    metadata.ownerReferences?.map(({ kind, uid }) => [kind, uid]),
    [["SessionTemplate", template.metadata.uid]],
  );
  assert.deepEqual(metadata.finalizers, [WORKSPACE_FINALIZER]);
  assert.equal(spec.session, undefined);
  assert.equal(spec.variables["values.registry"], "r");
  assert.deepEqual(
    Object.keys(spec.variables).filter((name) => /^(user|tenant|parameters)\./.test(name)),
    [],
  );
});

test("a claimed spare is what a cold session's Workspace is born as, but for its pool", () => {
  const spare = planSpare(session.spec.workspace, template, cluster);
  const claim = planClaim(session, spare, urls, NOW);
  const cold = planWorkspace(session, template, { cluster, urls }, NOW);
  assert.deepEqual({ ...spare.spec, ...claim.spec }, cold.spec);
  assert.deepEqual(claim.metadata.ownerReferences, cold.metadata.ownerReferences);
  const { [LABELS.pool]: pool, ...labels } = { ...spare.metadata.labels, ...claim.metadata.labels };
  assert.equal(pool, template.metadata.name);
  assert.deepEqual(labels, cold.metadata.labels);
  assert.equal(cold.spec.variables["parameters.size"], "3");
  assert.ok(workspaceSpecSchema.safeParse(cold.spec).success);
});
