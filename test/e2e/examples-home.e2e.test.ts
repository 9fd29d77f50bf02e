import assert from "node:assert/strict";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { PODS, resource, type KubeObject } from "@carrel/kube";
import { eventually } from "@carrel/testkit";
import { Examples } from "./support/examples.ts";

/** deploy/examples/with-operator/persistent-home.yaml, with a volume that the operator made by hand. */
const CLAIMS = resource<KubeObject & { readonly status?: { readonly phase?: string } }>(
  "v1",
  "PersistentVolumeClaim",
  "persistentvolumeclaims",
);
let examples: Examples;
let directory: string;

before(async () => {
  examples = await Examples.install();
  // The node is this machine: what is a directory here is a volume there.
  directory = await mkdtemp(path.join(tmpdir(), "carrel-home-"));
  await chmod(directory, 0o777);
  await examples.applyText(
    JSON.stringify({
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: "carrel-home" },
      spec: {
        storageClassName: "manual",
        capacity: { storage: "1Gi" },
        accessModes: ["ReadWriteOnce"],
        persistentVolumeReclaimPolicy: "Retain",
        hostPath: { path: directory, type: "Directory" },
      },
    }),
  );
  await examples.apply("with-operator/persistent-home.yaml");
});
after(async () => {
  await examples[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

test("a home survives the pod: filled once, a part of the volume, there again after a restart", async () => {
  const { client } = examples.carrel;
  const started = await examples.start("persistent-home", "hope");
  const { desk, namespace } = started;
  assert.equal((await client.get(CLAIMS, "home", { namespace })).status?.phase, "Bound");
  const filled = await desk.run("cat ~/made && ls -a ~ && echo kept > ~/notes && ls /volume 2>&1");
  assert.match(filled.output, /\.bashrc/);
  assert.match(filled.output, /No such file/, "the learner sees the part, not the volume");

  const { metadata } = await client.get(PODS, "desk", { namespace });
  const deleted = await examples.kubectl([
    "delete",
    "pod",
    "desk",
    "-n",
    namespace,
    "--grace-period=1",
    "--wait=false",
  ]);
  assert.equal(deleted.code, 0, deleted.output);
  await eventually(
    async () => {
      const pod = await client.get(PODS, "desk", { namespace });
      assert.notEqual(pod.metadata.uid, metadata.uid);
      assert.ok(pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True"));
    },
    { timeoutMs: 60_000, everyMs: 250 },
  );
  const again = await desk.run("cat ~/made ~/notes");
  // kubectl says which of the containers it took.
  assert.ok(again.output.startsWith(`${filled.output.split("\n")[0]}\nkept\n`), again.output);
  assert.equal(await readFile(path.join(directory, "home/notes"), "utf8"), "kept\n");
  await examples.end(started);
});
