import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { startControlPlane, type ControlPlane } from "@carrel/cluster";
import fc from "fast-check";
import type { JsonObject } from "../review/json-object.ts";
import { anyPod } from "../testing/any-pod.ts";
import { Caller } from "../testing/caller.ts";
import { loadFixtures } from "../testing/pod-security-fixtures.ts";
import { evaluatePodSecurity } from "./evaluate-pod-security.ts";
import type { PodParts } from "./pod-parts.ts";

const LEVELS = ["baseline", "restricted"] as const;
const VERSIONS = Array.from({ length: 35 }, (_, minor) => `v1.${minor}`);
const PREFIX = "would violate PodSecurity ";

/** What one API server said of a pod, and we of the same pod as the API server had defaulted it. */
interface Comparison {
  readonly theirs: string;
  readonly ours: string;
}

suite("Pod Security against the API server's own", { timeout: 600_000 }, () => {
  let controlPlane: ControlPlane;
  let admin: Caller;
  before(async () => {
    controlPlane = await startControlPlane();
    const { "client-certificate-data": cert, "client-key-data": key } = controlPlane.kubeconfig.users[0].user;
    const decode = (text: string): string => Buffer.from(text, "base64").toString("utf8");
    admin = new Caller(controlPlane.server, controlPlane.caPem, { cert: decode(cert), key: decode(key) });
    await Promise.all(LEVELS.flatMap((level) => VERSIONS.map(async (version) => await prepare(level, version))));
  });
  after(async () => {
    admin[Symbol.dispose]();
    await controlPlane[Symbol.asyncDispose]();
  });

  async function prepare(level: string, version: string): Promise<void> {
    const name = namespaceOf(level, version);
    const label = "pod-security.kubernetes.io/warn";
    const metadata = { name, labels: { [label]: level, [`${label}-version`]: version } };
    assert.equal((await admin.create("/api/v1/namespaces", { metadata })).status, 201);
    // Nobody makes it here: there is no controller manager.
    const account = { metadata: { name: "default" } };
    assert.equal((await admin.create(`/api/v1/namespaces/${name}/serviceaccounts`, account)).status, 201);
  }

  /** Undefined for a pod that the API server finds invalid whatever the policy. */
  async function compare(
    pod: JsonObject,
    level: (typeof LEVELS)[number],
    version: string,
  ): Promise<Comparison | undefined> {
    const path = `/api/v1/namespaces/${namespaceOf(level, version)}/pods?dryRun=All`;
    const answer = await admin.create(path, pod);
    if (answer.status === 422) return undefined;
    assert.equal(answer.status, 201, answer.message);
    const { violations } = evaluatePodSecurity(level, version, answer.body as PodParts);
    const said = violations.map(({ reason, detail }) => `${reason} (${detail})`).join(", ");
    return {
      theirs: answer.warnings.find((warning) => warning.startsWith(PREFIX)) ?? "",
      ours: said === "" ? "" : `${PREFIX}"${level}:${version}": ${said}`,
    };
  }

  test("the fixtures: every verdict, reason and detail is the same", async (t) => {
    const fixtures = await loadFixtures();
    let compared = 0;
    let invalid = 0;
    await inParallel(fixtures, async ({ level, version, file, pass, pod }) => {
      const metadata = { ...(pod["metadata"] as object), name: "fixture" };
      const comparison = await compare({ ...pod, metadata }, level, version);
      if (comparison === undefined) {
        invalid += 1;
        return;
      }
      assert.equal(comparison.ours, comparison.theirs, file);
      assert.equal(comparison.theirs === "", pass, file);
      compared += 1;
    });
    t.diagnostic(`${compared} the same, ${invalid} invalid by other rules`);
    assert.equal(compared, 4093);
  });

  test("pods that nobody thought of: the same", async (t) => {
    let compared = 0;
    let violating = 0;
    const seen = fc.asyncProperty(
      anyPod,
      fc.constantFrom(...LEVELS),
      fc.constantFrom(...VERSIONS),
      async (pod, level, version) => {
        const comparison = await compare(pod, level, version);
        if (comparison === undefined) return;
        compared += 1;
        if (comparison.theirs !== "") violating += 1;
        assert.equal(comparison.ours, comparison.theirs);
      },
    );
    await fc.assert(seen, { numRuns: 1500 });
    t.diagnostic(`${compared} the same, ${violating} of them violate`);
    assert.ok(compared > 500 && violating > 300 && violating < compared);
  });
});

function namespaceOf(level: string, version: string): string {
  return `${level}-${version.replace(".", "-")}`;
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.pop(); item !== undefined; item = queue.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}
