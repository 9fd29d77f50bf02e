import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { before, suite, test } from "node:test";
import { promisify } from "node:util";
import { parse } from "yaml";
import { podOf } from "../review/pod-of.ts";
import type { JsonObject } from "../review/json-object.ts";
import { defaultVolumes } from "./default-volumes.ts";
import { evaluatePodSecurity } from "./evaluate-pod-security.ts";
import type { PodParts } from "./pod-parts.ts";

/**
 * The oracle: every pod that Kubernetes itself tests its Pod Security admission with. They are read where the Go
 * toolchain keeps the module that the embedded Kubernetes is built from.
 */
const MODULE = "k8s.io/pod-security-admission";
const VERSION = "v0.34.4";
const CLUSTER = path.resolve(import.meta.dirname, "../../../../tools/cluster");

/** Files in restricted/.../fail whose check is a baseline check that the restricted one takes the place of. */
const OVERRIDDEN_BY: Readonly<Record<string, string>> = {
  hostpathvolumes: "restrictedvolumes",
  capabilities_baseline: "capabilities_restricted",
  seccompprofile_baseline: "seccompprofile_restricted",
};

interface Fixture {
  readonly level: "baseline" | "restricted";
  readonly version: string;
  readonly pass: boolean;
  /** Lower-case id of the check. */
  readonly check: string;
  readonly file: string;
  readonly pod: PodParts & JsonObject;
}

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

async function loadFixtures(): Promise<readonly Fixture[]> {
  const { stdout } = await promisify(execFile)("go", ["mod", "download", "-json", `${MODULE}@${VERSION}`], {
    cwd: CLUSTER,
  });
  const root = path.join((JSON.parse(stdout) as { Dir: string }).Dir, "test", "testdata");
  const files = (await readdir(root, { recursive: true })).filter((file) =>
    /^(baseline|restricted)\/v1\.\d+\/(pass|fail)\//.test(file),
  );
  const parsed = new Map<string, PodParts & JsonObject>();
  return await Promise.all(
    files.map(async (file) => {
      const [level, version = "", verdict, name = ""] = file.split("/");
      const text = await readFile(path.join(root, file), "utf8");
      const pod = parsed.get(text) ?? defaultVolumes(parse(text) as PodParts & JsonObject);
      parsed.set(text, pod);
      return {
        level: level as Fixture["level"],
        version,
        pass: verdict === "pass",
        check: name.replace(/\d*\.yaml$/, "").replace(/_(linux|windows)$/, ""),
        file,
        pod,
      };
    }),
  );
}

suite(`the ${MODULE} ${VERSION} fixtures`, () => {
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
