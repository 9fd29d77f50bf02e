import assert from "node:assert/strict";
import { test } from "node:test";
import { projectedToken } from "./projected-token.ts";
import type { RuleContext } from "./rule.ts";
import { volumeClaim } from "./volume-claim.ts";

const of = (group: string, kind: string): RuleContext =>
  ({
    request: { kind: { group, version: "v1", kind } },
    settings: { tokenAudiences: ["https://kubernetes.default.svc"] },
  }) as unknown as RuleContext;
const paths = (findings: readonly { readonly path: string }[]): string[] => findings.map(({ path }) => path);

test("a claim hidden in a template picks no existing volume either", () => {
  const claim = { spec: { volumeName: "somebodys" } };
  const set = { spec: { template: { spec: { containers: [] } }, volumeClaimTemplates: [claim] } };
  assert.deepEqual(paths(volumeClaim.check(set, of("apps", "StatefulSet"))), [
    "spec.volumeClaimTemplates[0].spec.volumeName",
  ]);
  const pod = { spec: { containers: [], volumes: [{ name: "v", ephemeral: { volumeClaimTemplate: claim } }] } };
  const [path] = paths(volumeClaim.check(pod, of("", "Pod")));
  assert.equal(path, "spec.volumes[0].ephemeral.volumeClaimTemplate.spec.volumeName");
  const [inTemplate] = paths(volumeClaim.check({ spec: { template: pod } }, of("apps", "Deployment")));
  assert.equal(inTemplate, `spec.template.${path}`);
});

test("an ordinary claim, and one in a template, may be made", () => {
  const claim = { spec: { accessModes: ["ReadWriteOnce"] } };
  const set = { spec: { template: { spec: { containers: [] } }, volumeClaimTemplates: [claim] } };
  assert.deepEqual(volumeClaim.check(claim, of("", "PersistentVolumeClaim")), []);
  assert.deepEqual(volumeClaim.check(set, of("apps", "StatefulSet")), []);
});

test("a projected token is short and for the API server", () => {
  const pod = (serviceAccountToken: object): { spec: object } => ({
    spec: { containers: [], volumes: [{ name: "t", projected: { sources: [{ serviceAccountToken }] } }] },
  });
  assert.deepEqual(projectedToken.check(pod({ path: "token", expirationSeconds: 3607 }), of("", "Pod")), []);
  const bad = pod({ path: "token", audience: "https://vault.example", expirationSeconds: 864_000 });
  assert.deepEqual(paths(projectedToken.check(bad, of("", "Pod"))), [
    "spec.volumes[0].projected.sources[0].serviceAccountToken.audience",
    "spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds",
  ]);
  assert.equal(projectedToken.check({ spec: { template: bad } }, of("apps", "Deployment")).length, 2);
});
