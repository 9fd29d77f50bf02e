import assert from "node:assert/strict";
import { before, suite, test } from "node:test";
import { podOf } from "../review/pod-of.ts";
import type { JsonObject } from "../review/json-object.ts";
import { loadFixtures, type Fixture } from "../testing/pod-security-fixtures.ts";
import { evaluatePodSecurity } from "./evaluate-pod-security.ts";

/** Files in restricted/.../fail whose check is a baseline check that the restricted one takes the place of. */
const OVERRIDDEN_BY: Readonly<Record<string, string>> = {
  hostpathvolumes: "restrictedvolumes",
  capabilities_baseline: "capabilities_restricted",
  seccompprofile_baseline: "seccompprofile_restricted",
};

const TEMPLATES: Readonly<Record<string, (pod: JsonObject) => JsonObject>> = {
  "/Pod": (pod) => pod,
  "/PodTemplate": (template) => ({ template }),
  "/ReplicationController": (template) => ({ spec: { template } }),
  "apps/Deployment": (template) => ({ spec: { template } }),
  "apps/ReplicaSet": (template) => ({ spec: { template } }),
  "apps/StatefulSet": (template) => ({ spec: { template } }),
  "apps/DaemonSet": (template) => ({ spec: { template } }),
  "batch/Job": (template) => ({ spec: { template } }),
  "batch/CronJob": (template) => ({ spec: { jobTemplate: { spec: { template } } } }),
};

suite("the fixtures of Kubernetes 1.34.4", () => {
  let fixtures: readonly Fixture[] = [];
  before(async () => {
    fixtures = await loadFixtures();
  });

  test("are all there: 937 that pass, 3,156 that fail", () => {
    assert.equal(fixtures.filter(({ pass }) => pass).length, 937);
    assert.equal(fixtures.filter(({ pass }) => !pass).length, 3156);
  });

  for (const [kind, wrap] of Object.entries(TEMPLATES)) {
    test(`as ${kind.replace(/^\//, "")}: 4,093 of 4,093 verdicts`, () => {
      const wrong: string[] = [];
      for (const { level, version, pass, file, pod } of fixtures) {
        const [group = "", name = ""] = kind.split("/");
        const found = podOf(group, name, wrap(pod));
        assert.ok(found !== undefined && found !== "undecodable", file);
        const verdict = evaluatePodSecurity(level, version, found.pod, found.prefix);
        if (verdict.allowed !== pass) wrong.push(`${file}: ${JSON.stringify(verdict.violations)}`);
      }
      assert.deepEqual(wrong, []);
      assert.equal(fixtures.length, 4093);
    });
  }

  test("that fail, fail the check that they are named after; 170 of them the one that overrides it", () => {
    let named = 0;
    let overridden = 0;
    for (const { level, version, pass, check, file, pod } of fixtures) {
      if (pass) continue;
      const ids = evaluatePodSecurity(level, version, pod).violations.map(({ id }) => id.toLowerCase());
      if (ids.includes(check)) {
        named += 1;
      } else {
        assert.ok(ids.includes(OVERRIDDEN_BY[check] ?? ""), `${file} failed ${ids.join(", ")}`);
        overridden += 1;
      }
    }
    assert.deepEqual({ named, overridden }, { named: 2986, overridden: 170 });
  });

  test("that fail, name at least one field inside the pod", () => {
    for (const { level, version, pass, file, pod } of fixtures) {
      if (pass) continue;
      for (const { fields } of evaluatePodSecurity(level, version, pod, "spec.template.").violations) {
        assert.ok(fields.length > 0, file);
        for (const field of fields) assert.match(field.path, /^spec\.template\.(spec|metadata)\./, file);
      }
    }
  });
});
